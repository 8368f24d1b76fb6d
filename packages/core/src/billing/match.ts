import type { TransferRecord } from '../transfer/words.ts';
import { attribute, inOrder, samePlacement } from './attribute.ts';
import { synthesizedBill } from './bills.ts';
import type { Dispatcher, MatchStore, TrailStore } from './ports.ts';
import { type Sending, sendingsOf } from './sendings.ts';
import type { Bill, Discrepancy, SeenEvent } from './words.ts';

export type MatchPorts = {
  trails: TrailStore & MatchStore;
  transfers: {
    recordOf(id: string): Promise<TransferRecord | undefined>;
    recordsOfCall(callId: string): Promise<TransferRecord[]>;
  };
  dispatcher: Dispatcher;
};

export type MatchOptions = {
  /** How long a transfer waits for its event, and an event for its transfer, in ms. */
  windowMs: number;
  /** Bill a missing event from our own record. */
  synthesize: boolean;
  /** How many of each side one run processes. */
  limit: number;
};

export type MatchReport = { named: Discrepancy[]; synthesized: Bill[]; dispatched: number };

/**
 * Records a discrepancy for each transfer or event that has waited too long for its counterpart (docs/billing.md). Idempotent.
 * Throws what the ports throw.
 */
export async function match(ports: MatchPorts, options: MatchOptions): Promise<MatchReport> {
  const report: MatchReport = { named: [], synthesized: [], dispatched: 0 };
  const { expected, early, undispatched } = await ports.trails.overdue(options.windowMs, options.limit);
  for (const bill of undispatched) {
    await ports.dispatcher.dispatch(bill);
    report.dispatched += 1;
  }
  for (const id of expected) await matchExpected(id, ports, options, report);
  for (const id of early) await matchEarly(id, ports, report);
  return report;
}

/** A transfer of ours happened, but no event showed it. */
async function matchExpected(
  id: string,
  ports: MatchPorts,
  { windowMs, synthesize }: MatchOptions,
  report: MatchReport,
): Promise<void> {
  const { trails, transfers, dispatcher } = ports;
  const record = await transfers.recordOf(id);
  const sending = record === undefined ? undefined : sendingsOf(record).at(-1);
  if (record?.request == null || sending === undefined) return trails.drop(id, 'expected');
  const { callId } = record.request;
  const sendings = (await transfers.recordsOfCall(callId)).flatMap(sendingsOf);
  const trail = await trails.trail(callId);
  const told = attribute(inOrder(trail.events), sendings);
  const telling = trail.events.filter(({ key }) => told.get(key)?.sending.transferId === id);
  const bills = telling.map(({ billedAs }) => billedAs);
  // Its event has arrived and will be billed shortly, unless it was billed as another transfer.
  if (bills.includes(id) || (bills.length > 0 && bills.every((bill) => bill === undefined))) return;
  const strangers = trail.events.filter(
    (event) => !told.has(event.key) && Math.abs(event.at - sending.at) <= windowMs,
  );
  const other = insteadOf(sending, inOrder(strangers), sendings);
  // An event that may belong to this transfer was already billed, so an operator must decide.
  const bill =
    synthesize && other === undefined && strangers.every((event) => !samePlacement(event, sending))
      ? synthesizedBill(callId, sending, record)
      : undefined;
  if (bill !== undefined && (await trails.bill(bill, 'record')) === 'billed') {
    report.synthesized.push(bill);
    await dispatcher.dispatch(bill);
  }
  const discrepancy: Discrepancy = {
    name: other === undefined ? 'missing-event' : 'different-target',
    transferId: id,
    callId,
    expected: { transferType: sending.transferType, target: sending.target },
    ...(other && { seen: seenIn(other) }),
    synthesized: bill !== undefined,
  };
  if ((await trails.name(discrepancy, 'expected')) === 'named') report.named.push(discrepancy);
}

/** An event showed a transfer of ours that is not `transferred` in our record. */
async function matchEarly(id: string, { trails, transfers }: MatchPorts, report: MatchReport): Promise<void> {
  const record = await transfers.recordOf(id);
  if (record?.request == null || record.outcome?.status === 'transferred') return trails.drop(id, 'early');
  const { callId } = record.request;
  const { events } = await trails.trail(callId);
  const event = events.find(({ billedAs }) => billedAs === id);
  const discrepancy: Discrepancy = {
    name: 'unknown-transfer',
    transferId: id,
    callId,
    ...(event && { seen: seenIn(event) }),
    synthesized: false,
  };
  if ((await trails.name(discrepancy, 'early')) === 'named') report.named.push(discrepancy);
}

/** The first event between this sending and the next that shows another transfer. */
function insteadOf(sending: Sending, strangers: SeenEvent[], sendings: Sending[]): SeenEvent | undefined {
  const next = Math.min(...sendings.map(({ at }) => at).filter((at) => at > sending.at));
  return strangers.find(
    ({ at, ...event }) => at >= sending.at && at < next && !samePlacement(event, sending),
  );
}

function seenIn({ id, key, transferType, target }: SeenEvent) {
  return { transferType, target, eventId: id ?? key };
}
