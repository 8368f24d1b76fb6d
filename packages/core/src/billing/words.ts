import type { TargetType, TransferType } from '../transfer/words.ts';

/**
 * The words of billing, used nowhere else loosely.
 *
 * event        an update of a call by the platform: this is its last transfer
 * trail        every transfer event of one call, each with the bill that it led to, if it did
 * sending      what a transfer of ours did, or may have done, to the call
 * bill         a billing record: one transfer that happened, as it goes to a destination; its id is its idempotency key
 * destination  where bills go: an HTTP endpoint, a PostgreSQL table
 * delivery     one bill on its way to one destination
 * discrepancy  our records and the events disagree about a transfer of ours; heals when the missing side comes
 */

export type EventTarget = { id: string; type?: TargetType | undefined };

/** What the platform says of a call's last transfer. `at` is epoch milliseconds by the platform's clock. */
export type TransferEvent = {
  /** The event's own id; absent where the platform gives none. */
  id?: string | undefined;
  callId: string;
  transferType: TransferType;
  target: EventTarget;
  at: number;
};

/** An event in the trail of its call. `receivedAt` is epoch milliseconds by Redis' clock. */
export type SeenEvent = TransferEvent & {
  /** What makes it this event and no other (see `eventKey`). */
  key: string;
  receivedAt: number;
  /** The id of the bill that was made from it. */
  billedAs?: string | undefined;
};

export type Trail = {
  /** Grows with every change; a bill is made only on the trail that was looked at. */
  version: number;
  events: SeenEvent[];
};

export type BillingCode = 'TRANSFER_BLIND' | 'TRANSFER_CONSULT';

/** A bill, as destinations get it. */
export type Bill = {
  /** Our transfer's id where it is one of ours, else a digest of call, type, target and the event's id or time. */
  id: string;
  eventId: string;
  callId: string;
  transferType: TransferType;
  target: EventTarget;
  /** ISO 8601. */
  timestamp: string;
  billingCode: BillingCode;
  transferId?: string | undefined;
  metadata?: Record<string, string> | undefined;
  /** Made from our own record, since no event came. */
  synthesized?: true | undefined;
};

export const destinationNames = ['http', 'postgres'] as const;
export type DestinationName = (typeof destinationNames)[number];

/**
 * `missing-event`: a transfer of ours happened, and no event tells of it. `different-target`: none tells of it, but one
 * tells of another target. `unknown-transfer`: an event tells that it happened, our record does not.
 */
export const discrepancyNames = ['missing-event', 'unknown-transfer', 'different-target'] as const;
export type DiscrepancyName = (typeof discrepancyNames)[number];

export type Discrepancy = {
  name: DiscrepancyName;
  transferId: string;
  callId: string;
  /** What our record says, and what the event says; absent where that side has nothing. */
  expected?: { transferType: TransferType; target: EventTarget } | undefined;
  seen?: { transferType: TransferType; target: EventTarget; eventId: string } | undefined;
  /** The missing event was billed from our own record. */
  synthesized: boolean;
};

/** The billing code of a transfer: `TRANSFER_` and the type in capitals. */
export function billingCode(transferType: TransferType): BillingCode {
  return transferType === 'blind' ? 'TRANSFER_BLIND' : 'TRANSFER_CONSULT';
}
