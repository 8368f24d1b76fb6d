import { z } from 'zod';

/** What a part of the system is doing; `waiting`: on purpose, and it ends by itself or by a person's decision. */
const states = ['fine', 'waiting', 'trouble', 'unknown'] as const;

const part = z.object({
  is: z.enum(states),
  says: z.string().describe('In plain words.'),
  todo: z.string().optional().describe('What to do about it; absent if nothing.'),
  runbook: z.string().optional().describe('The page of the operators’ documentation.'),
});
const count = z.int();
const Instant = z.string().meta({ format: 'date-time' });

export const Pause = z.object({
  queue: z.string(),
  since: Instant.nullable(),
  actor: z.string().nullable(),
  reason: z.string().nullable(),
});

export const Status = part
  .extend({
    mode: z.enum(['live', 'shadow']),
    redis: part,
    genesys: part.extend({
      answers: count.describe('Of the last five minutes, over all workers.'),
      failed: count.describe('Of these, a 5xx or no answer.'),
      limited: count.describe('Of these, a 429.'),
      lastFailedAt: Instant.nullable().describe('When the last of these failed, give or take five seconds.'),
    }),
    holdOff: part.extend({
      until: Instant.nullable(),
      operations: z
        .array(z.object({ operation: z.string(), until: Instant }))
        .describe('Held off by themselves.'),
    }),
    budget: part.extend({
      remaining: count.nullable().describe('Requests left of this minute; null without a limit.'),
      limit: count.nullable(),
    }),
    queues: part.extend({
      paused: z.array(Pause),
      open: count.describe('Transfers without an outcome.'),
      waiting: count.describe('Transfers that wait for a worker.'),
      oldestWaitMs: z.number(),
    }),
    workers: part.extend({ count }),
    deadLetters: part.extend({ transfers: count, billing: count, unconfirmed: count }),
    billing: part.extend({
      discrepancies: count.describe('Open ones.'),
      waiting: count.describe('Transfers and events that wait for their counterpart.'),
      disabled: z.array(z.string()).describe('Destinations to which nothing is delivered.'),
    }),
    webhook: part.extend({ state: z.string() }),
    callbacks: part.extend({
      waiting: count.describe('Messages that are not delivered yet.'),
      failing: z
        .array(z.object({ key: z.string(), since: Instant }))
        .describe('Receivers that fail, by API key, and since when.'),
    }),
    history: part.extend({
      waiting: count.describe('Settled transfers and bills that are not in PostgreSQL yet.'),
      lagMs: z.number().describe('Since when the oldest of them waits.'),
    }),
  })
  .meta({ id: 'Status' });

export type Status = z.infer<typeof Status>;
export type Part = z.infer<typeof part>;

/** What is known about the system; `undefined` where Redis could not say. Times are ISO 8601. */
export type Facts = {
  mode: Status['mode'];
  redis: { isReady: boolean; detail?: string | undefined; durability: string };
  recovery: { state: string; until?: string | undefined };
  replicas: { needed: number; following: number | null };
  isBillingOn: boolean;
  hasReceivers: boolean;
  hasHistory: boolean;
  seen:
    | {
        token: string;
        tokenDetail?: string | undefined;
        answers: {
          minutes: number;
          answers: number;
          failed: number;
          limited: number;
          lastFailedAt: string | null;
          /** Answers after the minute of the last failure. */
          since: number;
        };
        holdOffUntil: string | null;
        holds: { operation: string; until: string }[];
        remaining: number;
        limit: number;
        paused: z.infer<typeof Pause>[];
        open: number;
        waiting: number;
        oldestWaitMs: number;
        workers: number;
        deadLetters: number;
        /** When the newest of these became one. */
        newestDeadAt: string | null;
        billingDeadLetters: number;
        unconfirmed: number;
        discrepancies: number;
        billingWaits: number;
        disabled: string[];
        webhook: { state: string; detail?: string | undefined };
        callbacks: { waiting: number; failing: { key: string; since: string }[] };
        history: { waiting: number; lagMs: number };
      }
    | undefined;
};
export type Seen = NonNullable<Facts['seen']>;
