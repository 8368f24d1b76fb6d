import { z } from 'zod';
import { Bill, TransferEvent } from '../billing/words.ts';

/**
 * The payload of a transfer's job: a wake-up, nothing more. The record is the truth, so a payload carries no personal
 * data and never goes stale. `v` says which reading of it is meant; a worker refuses one that it does not know.
 */
export const TransferJob = z.object({
  v: z.literal(1),
  id: z.string().min(1).max(64),
  /** Where the transfer's trace goes on. A bad one costs the trace, never the transfer. */
  traceparent: z.string().optional().catch(undefined),
});
export type TransferJob = z.infer<typeof TransferJob>;

export const TRANSFER_JOB = 'transfer';

/** The payload of a follow-up's job: a wake-up, likewise. */
export const FollowUpJob = z.object({ v: z.literal(1), id: z.string().min(1).max(80) });
export type FollowUpJob = z.infer<typeof FollowUpJob>;

export const FOLLOW_UP_JOB = 'follow-up';

/** What a finished job shows on the board. */
export type TransferJobResult = { status: string; reason?: string | undefined; why?: string | undefined };

/** An event on its way to billing; unlike a transfer's job it carries everything, since nothing else holds it yet. */
export const BillingEventJob = z.object({
  v: z.literal(1),
  event: TransferEvent,
});
export type BillingEventJob = z.infer<typeof BillingEventJob>;

/** A look for what waits too long for its other side. */
export const BillingMatchJob = z.object({ v: z.literal(1) });

/** The webhook is to be registered for the callback URL with this digest; the URL itself may hold a token. */
export const RegisterWebhookJob = z.object({ v: z.literal(1), digest: z.string() });

/** What the billing queue holds, by the name of the job. */
export const billingJobs = {
  event: BillingEventJob,
  match: BillingMatchJob,
  'register-webhook': RegisterWebhookJob,
} as const;
export type BillingJobName = keyof typeof billingJobs;

/** A bill on its way to one destination. It carries the whole bill, so that it outlives every list that names it. */
export const DeliveryJob = z.object({
  v: z.literal(1),
  bill: Bill,
  /** Tries that failed so far. */
  tries: z.int(),
  /** When it was first due, epoch ms by Redis' clock: it is not tried for ever. */
  since: z.number(),
  /** Not to be tried before this time, likewise; absent before its first failure. */
  nextAt: z.number().optional(),
});
export type DeliveryJob = z.infer<typeof DeliveryJob>;

export const DELIVERY_JOB = 'deliver';
