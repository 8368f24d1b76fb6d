import {
  type Bill,
  type Discrepancy,
  dueBills,
  eventKey,
  type MatchPorts,
  match,
  type SeenEvent,
  type TakePorts,
  type Trail,
  take,
} from '@handover/core/billing';
import type { Outcome, TransferRecord } from '@handover/core/transfer';
import { type CallStory, type SentEvent, transfersAt } from './billing-calls.ts';

type Side = 'expected' | 'early';

const LIMIT = 10;

export type BillingWindows = { reorderMs: number; matchMs: number; synthesize: boolean };

/** The trail of these events, each once. */
export function trailOf(events: readonly SentEvent[]): SeenEvent[] {
  const trail = new Map<string, SeenEvent>();
  for (const event of [...events].sort((a, b) => a.receivedAt - b.receivedAt)) {
    const key = eventKey(event);
    if (!trail.has(key)) trail.set(key, { ...event, key });
  }
  return [...trail.values()];
}

/** Makes the due bills one by one, and marks the events like `bill.lua`. Returns the new bills. */
export function billWhatIsDue(trail: SeenEvent[], transfers: TransferRecord[], before: Bill[] = []): Bill[] {
  const made: Bill[] = [];
  for (let [next] = dueBills(trail, transfers); next !== undefined; [next] = dueBills(trail, transfers)) {
    const { bill, event } = next;
    const marked = trail.find(({ key }) => key === event.key);
    if (marked === undefined || marked.billedAs === bill.id) throw new Error(`${bill.id} is due for ever`);
    marked.billedAs = bill.id;
    if ([...before, ...made].every(({ id }) => id !== bill.id)) made.push(bill);
  }
  return made;
}

/** The owners of the transfers, each once, unordered: our ids, `others` for anyone else's. */
export function whose(all: readonly { transferId?: string | undefined }[]): string[] {
  return all.map(({ transferId }) => transferId ?? 'others').sort();
}

/** The final billing of a call. */
export type BilledCall = {
  bills: Bill[];
  /** The unresolved discrepancies. */
  open: Discrepancy[];
  /** Transfers that still wait for their other side. */
  waiting: string[];
};

/**
 * Bills a call with these events, each at its time, on a simulated clock. The
 * verbs are real; the trail store does what the scripts do (`billing-scripts.test.ts` tests those for the same rules).
 */
export async function billCall(
  story: CallStory,
  arriving: readonly SentEvent[],
  { reorderMs, matchMs, synthesize }: BillingWindows,
): Promise<BilledCall> {
  let now = 0;
  let version = 0;
  const bills: Bill[] = [];
  const events = new Map<string, SeenEvent>();
  const told = new Set<string>();
  const waiting: Record<Side, Map<string, number>> = { expected: new Map(), early: new Map() };
  const discrepancies = new Map<string, Discrepancy>();
  const outcomes = new Map<string, Outcome>();

  const records = () => transfersAt(story, now).map(asSettled);
  const recordOf = (id: string) => records().find((record) => record.id === id);
  const trail = (): Trail => ({ version, events: structuredClone([...events.values()]) });

  function asSettled(record: TransferRecord): TransferRecord {
    const outcome = outcomes.get(record.id);
    if (outcome === undefined || record.outcome?.status === 'transferred') return record;
    const intents = record.intents.map((intent) => ({
      ...intent,
      state: intent.state === 'in-doubt' ? ('closed-in-doubt' as const) : ('closed' as const),
    }));
    return { ...record, status: outcome.status, outcome, intents };
  }

  /** As `settle.lua` does. */
  function expectEvent(id: string): void {
    if (!told.has(id)) waiting.expected.set(id, now);
    else heal(id);
  }

  function heal(id: string): void {
    waiting.early.delete(id);
    discrepancies.delete(id);
  }

  const ports: TakePorts & MatchPorts = {
    trails: {
      async remember(event, key) {
        if (!events.has(key)) {
          events.set(key, { ...event, key, receivedAt: now });
          version += 1;
        }
        return { now, trail: trail() };
      },
      trail: async () => trail(),
      async bill(bill, from) {
        if (from !== 'record') {
          if (from.version !== version) return 'changed';
          const event = events.get(from.eventKey);
          if (event !== undefined) event.billedAs = bill.id;
          version += 1;
        }
        const isNew = bills.every(({ id }) => id !== bill.id);
        if (isNew) bills.push(bill);
        const { transferId } = bill;
        if (from === 'record' || transferId === undefined || told.has(transferId))
          return isNew ? 'billed' : 'already';
        told.add(transferId);
        waiting.expected.delete(transferId);
        if (recordOf(transferId)?.outcome?.status === 'transferred') heal(transferId);
        else waiting.early.set(transferId, now);
        return isNew ? 'billed' : 'already';
      },
      async overdue(windowMs, limit) {
        const due = (side: Side) =>
          [...waiting[side]].filter(([, since]) => since <= now - windowMs).map(([id]) => id);
        const [expected, early] = [due('expected').slice(0, limit), due('early').slice(0, limit)];
        return { now, expected, early, undispatched: [] };
      },
      async name(discrepancy, side) {
        if (!waiting[side].delete(discrepancy.transferId)) return 'gone';
        discrepancies.set(discrepancy.transferId, discrepancy);
        return 'named';
      },
      async drop(id, side) {
        waiting[side].delete(id);
      },
    },
    transfers: {
      recordOf: async (id: string) => recordOf(id),
      recordsOfCall: async () => records(),
      isTraining: async () => false,
    },
    records: {
      async settle(id, { outcome }) {
        const before = recordOf(id)?.outcome ?? null;
        if (before?.status === 'transferred') return { settled: false, why: 'already', outcome: before };
        if (before !== null) {
          if (!told.has(id)) waiting.expected.set(id, now);
          return { settled: false, why: 'contradicted', outcome: before };
        }
        outcomes.set(id, outcome);
        expectEvent(id);
        return { settled: true, facts: { acceptedAt: 0, settledAt: now } };
      },
    },
    meter: { ended: () => undefined },
    wakes: { remove: async () => undefined },
    dispatcher: { dispatch: async () => undefined },
  };

  const agenda: { at: number; act: () => Promise<unknown> }[] = [];
  const plan = (at: number, act: () => Promise<unknown>) => agenda.push({ at, act });
  const runMatch = () => match(ports, { windowMs: matchMs, synthesize, limit: LIMIT });

  for (const { transferId, endsAt, ending } of story.moves) {
    if (transferId === undefined || ending !== 'answered') continue;
    plan(endsAt, async () => outcomes.has(transferId) || expectEvent(transferId));
    plan(endsAt + matchMs, runMatch);
  }
  for (const { receivedAt, ...event } of arriving) {
    const actor = { type: 'genesysEvent', name: eventKey(event) } as const;
    const job = async () => {
      const { next } = await take(event, ports, { windowMs: reorderMs, actor });
      if (next.do === 'sleep' && next.inMs <= 0) throw new Error('a job that sleeps for nothing never ends');
      if (next.do === 'sleep') plan(now + next.inMs, job);
    };
    plan(receivedAt, job);
    plan(receivedAt + reorderMs + matchMs, runMatch);
  }
  while (agenda.length > 0) {
    agenda.sort((a, b) => a.at - b.at);
    const next = agenda.shift();
    now = next?.at ?? now;
    await next?.act();
  }
  // Nothing more arrives, and every window has passed.
  now += matchMs + reorderMs;
  for (let left = Math.ceil(story.moves.length / LIMIT) + 1; left > 0; left -= 1) await runMatch();
  return {
    bills,
    open: [...discrepancies.values()],
    waiting: [...waiting.expected.keys(), ...waiting.early.keys()],
  };
}
