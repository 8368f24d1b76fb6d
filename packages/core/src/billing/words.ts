import { z } from 'zod';
import { type TransferType, targetTypes, transferTypes } from '../transfer/request.ts';

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

export const EventTarget = z.object({ id: z.string(), type: z.enum(targetTypes).optional() });
export type EventTarget = z.infer<typeof EventTarget>;

/** What the platform says of a call's last transfer. */
export const TransferEvent = z.object({
  id: z.string().optional().describe('The event’s own id, where the platform gives one.'),
  callId: z.string(),
  transferType: z.enum(transferTypes),
  target: EventTarget,
  at: z.number().describe('Epoch milliseconds by the platform’s clock.'),
});
export type TransferEvent = z.infer<typeof TransferEvent>;

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

export const billingCodes = ['TRANSFER_BLIND', 'TRANSFER_CONSULT'] as const;
export type BillingCode = (typeof billingCodes)[number];

/** A bill, as destinations get it; the one place for its fields. */
export const Bill = z.object({
  id: z.string().describe('The idempotency key: the transfer’s id where it is one of ours.'),
  eventId: z.string(),
  callId: z.string(),
  transferType: z.enum(transferTypes),
  target: EventTarget,
  timestamp: z
    .string()
    .meta({ format: 'date-time' })
    .describe('Of the event; of the sending where it is synthesized.'),
  billingCode: z.enum(billingCodes),
  transferId: z.string().optional().describe('Absent where somebody else moved the call.'),
  metadata: z.record(z.string(), z.string()).optional().describe('Of the transfer.'),
  synthesized: z.literal(true).optional().describe('No event came; it is from our own record.'),
});
export type Bill = z.infer<typeof Bill>;

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
