import { z } from 'zod';

/**
 * The payload of a transfer's job: a wake-up, nothing more. The record is the truth, so a payload carries no personal
 * data and never goes stale. `v` says which reading of it is meant; a worker refuses one that it does not know.
 */
export const TransferJob = z.object({ v: z.literal(1), id: z.string().min(1).max(64) });
export type TransferJob = z.infer<typeof TransferJob>;

export const TRANSFER_JOB = 'transfer';

/** What a finished job shows to whoever watches the queue. */
export type TransferJobResult = { status: string; reason?: string | undefined; why?: string | undefined };
