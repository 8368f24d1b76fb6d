import type { Target } from '../transfer/request.ts';
import type { TransferRecord } from '../transfer/words.ts';
import { attribute, inOrder, samePlacement } from './attribute.ts';
import { type Sending, sendingsOf } from './sendings.ts';
import { type Bill, billingCode, type EventTarget, type SeenEvent } from './words.ts';

/** A bill to be made: its event, the sending of ours that the event shows, and when the event was received. */
export type DueBill = { event: SeenEvent; bill: Bill; sending: Sending | undefined; since: number };

/**
 * The bills that are due for the trail of one call and not made yet (docs/billing.md). Pure; the order of arrival does not
 * matter. Consecutive events with equal placement are one transfer, billed from the first: later updates of a call repeat its
 * last transfer. `transfers`: ours of that call.
 */
export function dueBills(events: readonly SeenEvent[], transfers: TransferRecord[]): DueBill[] {
  const ordered = inOrder(events);
  const attributed = attribute(ordered, transfers.flatMap(sendingsOf));
  const ours = new Map<string, SeenEvent[]>();
  const others: SeenEvent[][] = [];
  let run: SeenEvent[] | undefined;
  for (const event of ordered) {
    const sending = attributed.get(event.key)?.sending;
    if (sending !== undefined) {
      ours.set(sending.transferId, [...(ours.get(sending.transferId) ?? []), event]);
      run = undefined;
    } else if (run?.[0] !== undefined && samePlacement(run[0], event)) run.push(event);
    else {
      run = [event];
      others.push(run);
    }
  }
  const due = [
    ...[...ours.values()].filter((telling) => telling.every(({ billedAs }) => billedAs === undefined)),
    ...others.filter((telling) => !telling.some(({ billedAs }) => isOthers(billedAs, transfers))),
  ];
  return due.flatMap((telling) => {
    const [event] = telling;
    if (event === undefined) return [];
    const since = Math.min(...telling.map(({ receivedAt }) => receivedAt));
    const sending = attributed.get(event.key)?.sending;
    const transfer = transfers.find(({ id }) => id === sending?.transferId);
    const bill = sending === undefined ? billOf(event) : ourBill(event, sending, transfer);
    return [{ event, sending, since, bill }];
  });
}

/** Whether it was billed as a transfer that is not ours, or whose record is deleted; bills of ours have the transfer's id. */
function isOthers(billedAs: string | undefined, transfers: TransferRecord[]): boolean {
  return billedAs !== undefined && transfers.every(({ id }) => id !== billedAs);
}

function billOf(event: SeenEvent): Bill {
  const { key, id = key, callId, transferType, target, at } = event;
  const timestamp = new Date(at).toISOString();
  return {
    id: key,
    eventId: id,
    callId,
    transferType,
    target,
    timestamp,
    billingCode: billingCode(transferType),
  };
}

function ourBill(
  event: SeenEvent,
  { transferId, target }: Sending,
  transfer: TransferRecord | undefined,
): Bill {
  const metadata = transfer?.request?.metadata;
  const ours = { id: transferId, target: billedTarget(target), transferId };
  return { ...billOf(event), ...ours, ...(metadata && { metadata }) };
}

/** The bill of a transfer without an event, made from our own record and marked as such. */
export function synthesizedBill(callId: string, sending: Sending, transfer: TransferRecord): Bill {
  const { transferId, transferType, target, at } = sending;
  const metadata = transfer.request?.metadata;
  return {
    id: transferId,
    eventId: `synthesized-${transferId}`,
    callId,
    transferType,
    target: billedTarget(target),
    timestamp: new Date(at).toISOString(),
    billingCode: billingCode(transferType),
    transferId,
    ...(metadata && { metadata }),
    synthesized: true,
  };
}

/** Only where to: what else a target says is of no concern to billing. */
function billedTarget({ id, type }: Target): EventTarget {
  return { id, type };
}
