/**
 * A lane is one world of transfers: its own queue, records, calls, hold-off and counters.
 * Simulated transfers run in a lane of their own, so that they can never touch a live call or a live counter.
 */
export type LaneName = 'live' | 'simulated';

export type Lane = {
  name: LaneName;
  /** The BullMQ queue of the lane. */
  queue: string;
  /** BullMQ's prefix: braces keep a queue on one Cluster slot. */
  prefix: string;
};

/** The lane of that name under `QUEUE_PREFIX`. */
export function createLane(name: LaneName, prefix: string): Lane {
  return { name, queue: name === 'live' ? 'transfers' : 'simulated-transfers', prefix };
}

/** The keys of a lane in Redis. All of them carry the prefix, so in a Cluster they share one slot. */
export function laneKeys({ name, prefix }: Lane) {
  const key = (...parts: string[]) => [prefix, name, ...parts].join(':');
  return {
    record: (id: string) => key('transfer', id),
    timeline: (id: string) => key('timeline', id),
    /** Which transfer holds this call. */
    holder: (callId: string) => key('holder', callId),
    /** The transfers of a call, scored by the time of their acceptance. */
    ofCall: (callId: string) => key('of-call', callId),
    /** Which transfer of ours moved this call last, and when. */
    movedBy: (callId: string) => key('moved-by', callId),
    /** Every open transfer, scored by when the sweep should look whether its job is there. */
    due: key('due'),
    /** Transfers that expire without a worker, scored by their deadline. */
    deadlines: key('deadlines'),
    /** Follow-ups that wait, scored by when the sweep should look whether their job is there. */
    followUps: key('follow-ups'),
    dead: key('dead'),
    unconfirmed: key('unconfirmed'),
    report: key('report'),
    holdOff: key('hold-off'),
    /** The requests of this window, scored by when they were sent; the runs under way, by when they began. */
    sent: key('sent'),
    running: key('running'),
    /** Transfers whose consult may be under way, and how many requests are kept for the end of each. */
    consults: key('consults'),
    /** How many requests a window holds by the platform's own word. */
    allowed: key('allowed'),
    idempotency: (digest: string) => key('idempotency', digest),
    genesys: key('genesys-state'),
    cached: (kind: string, id: string) => key('cache', kind, id),
    /** Held by the process that looks it up for the cache. */
    lookUp: (kind: string, id: string) => key('look-up', kind, id),
    /** Every transfer event of a call, and the bills that they led to. */
    trail: (callId: string) => key('trail', callId),
    bill: (id: string) => key('bill', id),
    /** Every bill, scored by the time of its event. */
    bills: key('bills'),
    /** Bills that are not dispatched yet, scored by when they were made. */
    undispatched: key('undispatched'),
    /** Transfers that happened and of which no event told yet, scored by when they were settled. */
    expected: key('expected'),
    /** Transfers of which an event told, and which are not settled as transferred; scored by when it was billed. */
    early: key('early'),
    discrepancy: (transferId: string) => key('discrepancy', transferId),
    /** Every discrepancy, scored by when it got its name. */
    discrepancies: key('discrepancies'),
    /** Those of that name that have not healed. */
    open: (name: string) => key('open', name),
    billingReport: key('billing-report'),
    /** When the last look for discrepancies ended. */
    matchedAt: key('matched-at'),
    /** The jobs of a queue of billing that sleep, scored by when they are to wake. */
    asleep: (queue: string) => key('asleep', queue),
    webhook: key('webhook'),
    webhookClaim: key('webhook-claim'),
    deliveryHoldOff: (destination: string) => key('delivery-hold-off', destination),
    ...redisKeys(prefix),
    /** Published with a transfer's id whenever its timeline grew. */
    changed: key('changed'),
  };
}

/** The keys in which processes remember what they know of this Redis, whichever lane they work on. */
export function redisKeys(prefix: string) {
  const key = (name: string) => `${prefix}:redis:${name}`;
  return {
    /** Grows whenever something is accepted, fenced or settled: a Redis that knows less has forgotten. */
    progress: key('progress'),
    known: key('known'),
    processes: key('processes'),
    recovery: key('recovery'),
  };
}

export type LaneKeys = ReturnType<typeof laneKeys>;
