import { z } from 'zod';
import { Bill, TransferEvent } from '../billing/words.ts';

/**
 * The payload of a transfer's job, which is only a wake-up: the record is the source of truth, so the payload contains no
 * personal data and cannot become stale. `v`: the version; workers reject unknown ones.
 */
export const TransferJob = z.object({
  v: z.literal(1),
  id: z.string().min(1).max(64),
  /** The trace context of the transfer. An invalid one loses the trace, never the transfer. */
  traceparent: z.string().optional().catch(undefined),
});
export type TransferJob = z.infer<typeof TransferJob>;

export const TRANSFER_JOB = 'transfer';

/** The payload of a follow-up's job: likewise only a wake-up. */
export const FollowUpJob = z.object({ v: z.literal(1), id: z.string().min(1).max(80) });
export type FollowUpJob = z.infer<typeof FollowUpJob>;

export const FOLLOW_UP_JOB = 'follow-up';

/** The payload of a job that delivers what waits for the receiver of this API key. */
export const CallbackJob = z.object({ v: z.literal(1), key: z.string().min(1).max(64) });
export type CallbackJob = z.infer<typeof CallbackJob>;

export const CALLBACK_JOB = 'deliver-callbacks';

/** The result of a finished job, as shown on the board. */
export type TransferJobResult = { status: string; reason?: string | undefined; why?: string | undefined };

/** An event for billing; the payload is complete, since the event is stored nowhere else yet. */
export const BillingEventJob = z.object({
  v: z.literal(1),
  event: TransferEvent,
});
export type BillingEventJob = z.infer<typeof BillingEventJob>;

/** Matching of events and records; earlier versions scheduled it. */
export const BillingMatchJob = z.object({ v: z.literal(1) });

/** Registration of the webhook for the callback URL with this digest; the URL itself may contain a token. */
export const RegisterWebhookJob = z.object({ v: z.literal(1), digest: z.string() });

/** The payloads of the billing queue, by job name. */
export const billingJobs = {
  event: BillingEventJob,
  match: BillingMatchJob,
  'register-webhook': RegisterWebhookJob,
} as const;
export type BillingJobName = keyof typeof billingJobs;

/** The delivery of a bill to one destination. The payload is complete, so it does not depend on the lists of bills. */
export const DeliveryJob = z.object({
  v: z.literal(1),
  bill: Bill,
  /** Failed tries so far. */
  tries: z.int(),
  /** When it was first due, epoch ms by Redis' clock; limits the retries. */
  since: z.number(),
  /** The earliest time of the next try, likewise; absent before the first failure. */
  nextAt: z.number().optional(),
});
export type DeliveryJob = z.infer<typeof DeliveryJob>;

export const DELIVERY_JOB = 'deliver';
