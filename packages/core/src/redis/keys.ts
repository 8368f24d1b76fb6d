/**
 * A lane is an isolated set of transfers with its own queue, records, calls, hold-off and counters.
 * Simulated transfers have a separate lane, so that they can never touch a live call or a live counter.
 */
export type LaneName = 'live' | 'simulated';

export type Lane = {
  name: LaneName;
  /** The BullMQ queue of the lane. */
  queue: string;
  /** BullMQ's prefix: braces keep a queue on one Cluster slot. */
  prefix: string;
};

/** The lane with this name under `QUEUE_PREFIX`. */
export function createLane(name: LaneName, prefix: string): Lane {
  return { name, queue: name === 'live' ? 'transfers' : 'simulated-transfers', prefix };
}

/** The Redis keys of a lane. All have the prefix, so they share one Cluster slot. */
export function laneKeys({ name, prefix }: Lane) {
  const key = (...parts: string[]) => [prefix, name, ...parts].join(':');
  return {
    record: (id: string) => key('transfer', id),
    timeline: (id: string) => key('timeline', id),
    /** The transfer that holds this call. */
    holder: (callId: string) => key('holder', callId),
    /** The transfers of a call, scored by acceptance time. */
    ofCall: (callId: string) => key('of-call', callId),
    /** The transfer of ours that moved this call last, and when. */
    movedBy: (callId: string) => key('moved-by', callId),
    /** Every open transfer, scored by when the sweep should check that its job exists. */
    due: key('due'),
    /** Transfers that expire without a worker, scored by their deadline. */
    deadlines: key('deadlines'),
    /** Follow-ups that wait, scored by when the sweep should look whether their job is there. */
    followUps: key('follow-ups'),
    /** The callbacks that wait for the receiver of this API key, scored by when they are due. */
    callbacks: (keyName: string) => key('callbacks', keyName),
    /** Since when this receiver has failed; and the hold-off before it is tried again. */
    callbacksFailing: (keyName: string) => key('callbacks-failing', keyName),
    callbacksHoldOff: (keyName: string) => key('callbacks-hold-off', keyName),
    dead: key('dead'),
    /** An action over many dead letters, and the ids that are left. */
    action: (id: string) => key('action', id),
    actionLeft: (id: string) => key('action-left', id),
    /** The actions, scored by when they began; and those of them that run. */
    actions: key('actions'),
    actionsRunning: key('actions-running'),
    ...indexKeys(key),
    /** A stream: the id of a transfer for each of its changes, the latest ones. */
    changes: key('changes'),
    unconfirmed: key('unconfirmed'),
    report: key('report'),
    holdOff: key('hold-off'),
    /** The hold-offs of single operations, one field each. */
    holds: key('holds'),
    /** The token that all workers share, its lock, and the refusal after which nobody asks for a while. */
    token: (name: string) => key('token', name),
    tokenLock: (name: string) => key('token-lock', name),
    tokenRefusal: (name: string) => key('token-refusal', name),
    /** The requests of this window, scored by sending time; the runs in progress, by start time. */
    sent: key('sent'),
    running: key('running'),
    /** Transfers whose consult may be in progress, with the requests reserved for ending it. */
    consults: key('consults'),
    /** The limit per window that the platform reported. */
    allowed: key('allowed'),
    share: key('share'),
    idempotency: (digest: string) => key('idempotency', digest),
    genesys: key('genesys-state'),
    /** How Genesys answered in this minute since the epoch. */
    answers: (minute: number) => key('answers', String(minute)),
    cached: (kind: string, id: string) => key('cache', kind, id),
    /** The ids of this kind that were looked up lately, the latest first. */
    wantedLately: (kind: string) => key('wanted-lately', kind),
    /** The lock of the process that fills this cache entry. */
    lookUp: (kind: string, id: string) => key('look-up', kind, id),
    /** A training run; and the runs of all, of a trainee, or of a class, scored by time. */
    run: (id: string) => key('training-run', id),
    runs: (of: string) => key('training-runs', of),
    /** Every transfer event of a call, with its bill. */
    trail: (callId: string) => key('trail', callId),
    bill: (id: string) => key('bill', id),
    /** Every bill, scored by the time of its event. */
    bills: key('bills'),
    /** Bills not dispatched yet, scored by when they were made. */
    undispatched: key('undispatched'),
    /** Transfers that happened, without an event so far; scored by settlement time. */
    expected: key('expected'),
    /** Transfers that an event showed, but that are not `transferred`; scored by when they were billed. */
    early: key('early'),
    discrepancy: (transferId: string) => key('discrepancy', transferId),
    /** Every discrepancy, scored by detection time. */
    discrepancies: key('discrepancies'),
    /** The open discrepancies of this name. */
    open: (name: string) => key('open', name),
    billingReport: key('billing-report'),
    /** When the last matching ended. */
    matchedAt: key('matched-at'),
    /** The delayed jobs of a billing queue, scored by wake-up time. */
    asleep: (queue: string) => key('asleep', queue),
    /** Who did what: a stream. */
    audit: key('audit'),
    /** Up to which entry the audit has been copied to the history. */
    auditCopied: key('audit-copied'),
    /** The queues that were paused, with who did it and why; one field each. */
    paused: key('paused'),
    session: (digest: string) => key('session', digest),
    /** Failed sign-ins of an address or a name, and the wait before the next one. */
    signInFailures: (of: string) => key('sign-in-failures', of),
    signInWait: (of: string) => key('sign-in-wait', of),
    /** Settled transfers and bills that the history must still write, scored by their latest change. */
    historyTransfers: key('history', 'transfers'),
    historyBills: key('history', 'bills'),
    webhook: key('webhook'),
    webhookClaim: key('webhook-claim'),
    deliveryHoldOff: (destination: string) => key('delivery-hold-off', destination),
    ...redisKeys(prefix),
    /** A channel: receives the id of a transfer whenever its timeline grows. */
    changed: key('changed'),
  };
}

/**
 * The indexes of the list of transfers (docs/rules.md), all scored by acceptance time. Outcomes are added at settlement. An entry
 * is a hint: the record decides, and the sweep removes entries whose record is gone.
 */
function indexKeys(key: (...parts: string[]) => string) {
  const index = (name: string) => key('index', name);
  return {
    all: index('all'),
    openIndex: index('open'),
    unconfirmedIndex: index('unconfirmed'),
    ofAgent: (userId: string) => index(`agent:${userId}`),
    ofTarget: (targetId: string) => index(`target:${targetId}`),
    ofKey: (name: string) => index(`key:${name}`),
    ofStatus: (status: string) => index(`status:${status}`),
    ofReason: (reason: string) => index(`reason:${reason}`),
    /** The indexes that the sweep visits, scored by when it did so last. */
    indexes: key('indexes'),
    /** Settled transfers that were not in the index of open ones: an older version accepted or replayed them. */
    unindexed: key('unindexed'),
  };
}

/** The keys for detecting data loss in Redis; shared by all lanes. */
export function redisKeys(prefix: string) {
  const key = (name: string) => `${prefix}:redis:${name}`;
  return {
    /** Grows with every acceptance, fence and settlement: a lower value proves data loss. */
    progress: key('progress'),
    known: key('known'),
    processes: key('processes'),
    /** The workers among them. */
    workers: key('workers'),
    recovery: key('recovery'),
  };
}

export type LaneKeys = ReturnType<typeof laneKeys>;
