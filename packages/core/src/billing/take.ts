import { closed } from '../transfer/intents.ts';
import { type EndPorts, followSettlement } from '../transfer/settled.ts';
import { type Actor, actorLabel, type Outcome, type TransferRecord } from '../transfer/words.ts';
import { attribute, inOrder, samePlacement } from './attribute.ts';
import { type DueBill, dueBills } from './bills.ts';
import { eventKey } from './event.ts';
import type { Dispatcher, TrailStore, TransfersOfCall } from './ports.ts';
import { type Sending, sendingsOf } from './sendings.ts';
import type { Bill, Trail, TransferEvent } from './words.ts';

/**
 * How long until an event that shows a sending in progress is processed again, in ms. By then a dead worker was detected, and
 * its sending is in doubt, so that the event can settle it.
 */
const UNDER_WAY_MS = 5_000;

export type TakePorts = EndPorts & {
  trails: TrailStore;
  transfers: TransfersOfCall;
  dispatcher: Dispatcher;
};

/** An unconfirmed transfer that an event settled. */
export type SettledByEvent = { record: TransferRecord; outcome: Outcome };

export type TakeReport = {
  /** The next step for the event's job. */
  next: { do: 'done' } | { do: 'sleep'; inMs: number };
  /** The result of the event: bills, nothing new, still waiting, or a training run, which is not billed. */
  result: 'billed' | 'known' | 'waiting' | 'training';
  bills: Bill[];
  settled: SettledByEvent | undefined;
  /** Transfers of ours with another outcome, although the event shows that they happened. */
  contradicted: string[];
};

/**
 * Processes an event: stores it, settles the unconfirmed transfer that it proves, and makes due bills (docs/billing.md). A bill
 * waits `windowMs` for late events, so that the order of arrival does not matter. Idempotent. Throws what the ports throw.
 */
export async function take(
  event: TransferEvent,
  ports: TakePorts,
  { windowMs, actor }: { windowMs: number; actor: Actor },
): Promise<TakeReport> {
  const report: TakeReport = {
    next: { do: 'done' },
    result: 'known',
    bills: [],
    settled: undefined,
    contradicted: [],
  };
  const transfers = await ports.transfers.recordsOfCall(event.callId);
  if (transfers.length === 0 && (await ports.transfers.isTraining(event.callId)))
    return { ...report, result: 'training' };

  const key = eventKey(event);
  const { now, trail } = await ports.trails.remember(event, key);
  const proof = proofIn(trail, key, transfers);
  const isUnderWay = proof !== undefined && !proof.happened && !proof.doubt;
  if (proof?.doubt) report.settled = await settleUnconfirmed(proof, transfers, ports, actor);

  let current = trail;
  for (;;) {
    const due = dueBills(current.events, transfers);
    const ready = due.find(({ since }) => since + windowMs <= now);
    if (ready === undefined) {
      const waits = due.map(({ since }) => since + windowMs - now);
      if (isUnderWay) waits.push(UNDER_WAY_MS);
      if (waits.length > 0) report.next = { do: 'sleep', inMs: Math.min(...waits) };
      if (report.bills.length > 0) report.result = 'billed';
      else if (waits.length > 0) report.result = 'waiting';
      return report;
    }
    await makeBill(ready, current, transfers, ports, actor, report);
    current = await ports.trails.trail(event.callId);
  }
}

async function makeBill(
  { bill, event, sending }: DueBill,
  { version }: Trail,
  transfers: TransferRecord[],
  ports: TakePorts,
  actor: Actor,
  report: TakeReport,
): Promise<void> {
  const made = await ports.trails.bill(bill, { version, eventKey: event.key });
  if (made !== 'billed') return;
  report.bills.push(bill);
  await ports.dispatcher.dispatch(bill);
  const record = transfers.find(({ id }) => id === sending?.transferId);
  if (sending === undefined || record?.outcome == null || record.outcome.status === 'transferred') return;
  report.contradicted.push(record.id);
  await settleSeen(sending, record, ports, actor, event.id ?? event.key);
}

/** The sending that this event proves: its time fits, and the call was not at the target before. */
function proofIn(trail: Trail, key: string, transfers: TransferRecord[]): Sending | undefined {
  const found = attribute(inOrder(trail.events), transfers.flatMap(sendingsOf)).get(key);
  if (found === undefined || !found.certain) return undefined;
  const { before, transferType, target } = found.sending;
  if (before.target === undefined) return found.sending;
  const stood = samePlacement(
    { transferType: before.transferType ?? transferType, target: before.target },
    { transferType, target },
  );
  return stood ? undefined : found.sending;
}

async function settleUnconfirmed(
  proof: Sending,
  transfers: TransferRecord[],
  ports: TakePorts,
  actor: Actor,
): Promise<SettledByEvent | undefined> {
  const record = transfers.find(({ id }) => id === proof.transferId);
  if (record === undefined || record.outcome !== null) return undefined;
  return settleSeen(proof, record, ports, actor);
}

/** Settles a transfer that an event proves; if it had another outcome, it becomes a dead letter (`contradicted`). */
async function settleSeen(
  { target, isFallback, leaves }: Sending,
  record: TransferRecord,
  ports: EndPorts,
  actor: Actor,
  detail?: string,
): Promise<SettledByEvent | undefined> {
  const outcome: Outcome = { status: 'transferred', target, isFallback, confirmedBy: 'event' };
  const entry = {
    at: 0,
    step: 'outcome',
    by: actorLabel(actor),
    rule: 'an event shows the call where the intent wanted it',
    decided: 'transferred',
    detail,
  } as const;
  const intents = record.intents.map(closed);
  const settlement = { guard: 'seen', outcome, intents, deadLetter: false, actor, leaves } as const;
  const settled = await ports.records.settle(record.id, settlement, [entry]);
  if (!settled.settled) return undefined;
  await followSettlement(ports, record, { outcome, facts: settled.facts });
  return { record, outcome };
}
