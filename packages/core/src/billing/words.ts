import { z } from 'zod';
import { type TransferType, targetTypes, transferTypes } from '../transfer/request.ts';

/**
 * The terms of billing:
 *
 * event        the platform's message that shows the last transfer of a call
 * trail        every transfer event of one call, each with its bill, if any
 * sending      a move that a transfer of ours made, or may have made
 * bill         a billing record: one transfer that happened; its id is its idempotency key
 * destination  receives bills: an HTTP endpoint, a PostgreSQL table
 * delivery     one bill to one destination
 * discrepancy  our records and the events disagree about a transfer of ours; resolved when the missing side arrives
 */

export const EventTarget = z.object({ id: z.string(), type: z.enum(targetTypes).optional() });
export type EventTarget = z.infer<typeof EventTarget>;

/** The last transfer of a call, as the platform reports it. */
export const TransferEvent = z.object({
  id: z.string().optional().describe('The event’s own id, if it has one.'),
  callId: z.string(),
  transferType: z.enum(transferTypes),
  target: EventTarget,
  at: z.number().describe('Epoch milliseconds by the platform’s clock.'),
});
export type TransferEvent = z.infer<typeof TransferEvent>;

/** An event in the trail of its call. `receivedAt` is epoch milliseconds by Redis' clock. */
export type SeenEvent = TransferEvent & {
  /** Identifies the event (see `eventKey`). */
  key: string;
  receivedAt: number;
  /** The id of the bill made from it. */
  billedAs?: string | undefined;
};

export type Trail = {
  /** Grows with every change; a bill is made only if the trail is unchanged since it was read. */
  version: number;
  events: SeenEvent[];
};

export const billingCodes = ['TRANSFER_BLIND', 'TRANSFER_CONSULT'] as const;
export type BillingCode = (typeof billingCodes)[number];

/** A bill, as sent to destinations. */
export const Bill = z.object({
  id: z.string().describe('The idempotency key: the transfer’s id if it is one of ours.'),
  eventId: z.string(),
  callId: z.string(),
  transferType: z.enum(transferTypes),
  target: EventTarget,
  timestamp: z
    .string()
    .meta({ format: 'date-time' })
    .describe('Of the event; of the sending if synthesized.'),
  billingCode: z.enum(billingCodes),
  transferId: z.string().optional().describe('Absent if Handover did not move the call.'),
  metadata: z.record(z.string(), z.string()).optional().describe('Of the transfer.'),
  synthesized: z.literal(true).optional().describe('Made from our own record, since no event showed it.'),
});
export type Bill = z.infer<typeof Bill>;

/**
 * `missing-event`: a transfer of ours happened, but no event shows it. `different-target`: none shows it, but one shows another
 * target. `unknown-transfer`: an event shows that it happened, our record does not.
 */
export const discrepancyNames = ['missing-event', 'unknown-transfer', 'different-target'] as const;
export type DiscrepancyName = (typeof discrepancyNames)[number];

export type Discrepancy = {
  name: DiscrepancyName;
  transferId: string;
  callId: string;
  /** The data of our record and of the event; absent if that side is missing. */
  expected?: { transferType: TransferType; target: EventTarget } | undefined;
  seen?: { transferType: TransferType; target: EventTarget; eventId: string } | undefined;
  /** The missing event was billed from our own record. */
  synthesized: boolean;
};

/** The billing code of a transfer: `TRANSFER_` and the type in capitals. */
export function billingCode(transferType: TransferType): BillingCode {
  return transferType === 'blind' ? 'TRANSFER_BLIND' : 'TRANSFER_CONSULT';
}
