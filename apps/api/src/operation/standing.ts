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
  seen:
    | {
        token: string;
        tokenDetail?: string | undefined;
        answers: { minutes: number; answers: number; failed: number; limited: number };
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
        billingDeadLetters: number;
        unconfirmed: number;
        discrepancies: number;
        billingWaits: number;
        disabled: string[];
        webhook: { state: string; detail?: string | undefined };
      }
    | undefined;
};
type Seen = NonNullable<Facts['seen']>;

const page = (name: string) => `docs/operations/${name}.md`;
const fine = (says: string): Part => ({ is: 'fine', says });
const UNKNOWN: Part = { is: 'unknown', says: 'Not known without Redis.' };
const many = (number: number, thing: string) => `${number} ${thing}${number === 1 ? '' : 's'}`;
/** From this share of failed answers on, and this many, Genesys is in trouble: as the alert HandoverGenesysFails has it. */
const FAILS = { share: 0.25, least: 3 };
const LONG_WAIT_MS = 60_000;

/** Tells in plain words how the system is, from what is known about it. The whole is as its worst part. Pure. */
export function statusOf(facts: Facts): Status {
  const { mode, seen } = facts;
  const tell = (about: (seen: Seen) => Part): Part => (seen === undefined ? UNKNOWN : about(seen));
  const parts = {
    redis: ofRedis(facts),
    genesys: {
      ...tell(ofGenesys),
      answers: seen?.answers.answers ?? 0,
      failed: seen?.answers.failed ?? 0,
      limited: seen?.answers.limited ?? 0,
    },
    holdOff: { ...tell(ofHoldOff), until: seen?.holdOffUntil ?? null, operations: seen?.holds ?? [] },
    budget: {
      ...tell(ofBudget),
      remaining: seen === undefined || !Number.isFinite(seen.limit) ? null : seen.remaining,
      limit: seen === undefined || !Number.isFinite(seen.limit) ? null : seen.limit,
    },
    workers: { ...tell(ofWorkers), count: seen?.workers ?? 0 },
    queues: {
      ...tell(ofQueues),
      paused: seen?.paused ?? [],
      open: seen?.open ?? 0,
      waiting: seen?.waiting ?? 0,
      oldestWaitMs: seen?.oldestWaitMs ?? 0,
    },
    deadLetters: {
      ...tell(ofDeadLetters),
      transfers: seen?.deadLetters ?? 0,
      billing: seen?.billingDeadLetters ?? 0,
      unconfirmed: seen?.unconfirmed ?? 0,
    },
    billing: {
      ...(facts.isBillingOn ? tell(ofBilling) : fine('Billing is off.')),
      discrepancies: seen?.discrepancies ?? 0,
      waiting: seen?.billingWaits ?? 0,
      disabled: seen?.disabled ?? [],
    },
    webhook: { ...tell(ofWebhook), state: seen?.webhook.state ?? 'not known without Redis' },
  };
  const all: Part[] = Object.values(parts);
  const worst = (['trouble', 'waiting'] as const)
    .map((state) => all.find(({ is }) => is === state))
    .find((one) => one !== undefined);
  return { ...overall(worst, seen), mode, ...parts };
}

function overall(worst: Part | undefined, seen: Seen | undefined): Part {
  if (worst !== undefined) return { ...worst };
  const { open = 0, workers = 0 } = seen ?? {};
  return fine(`All is well: ${many(workers, 'worker')}, ${many(open, 'open transfer')}.`);
}

function ofRedis({ redis: { isReady, detail, durability }, recovery, replicas }: Facts): Part {
  if (!isReady)
    return {
      is: 'trouble',
      says: `Redis cannot be used${detail === undefined ? ': it does not answer' : `: ${detail}`}. Nothing is accepted or moved.`,
      todo: 'Bring Redis back; everything resumes by itself.',
      runbook: page('redis-refuses'),
    };
  if (recovery.state !== 'none')
    return {
      is: 'trouble',
      says: `Redis has lost data, or may have${recovery.until === undefined ? '' : `: until ${recovery.until}`} calls that are already at their target are held.`,
      todo: 'Look at the dead letters of the kind held, and resolve them.',
      runbook: page('redis-went-back'),
    };
  if (replicas.following !== null && replicas.following < replicas.needed)
    return {
      is: 'trouble',
      says: `${replicas.following} of ${many(replicas.needed, 'replica')} of Redis follow: nothing is moved until they do.`,
      todo: 'Bring the replicas back.',
      runbook: page('redis-replicas'),
    };
  if (durability === 'volatile')
    return {
      is: 'trouble',
      says: 'Redis is not durable: it may forget accepted transfers.',
      todo: 'Switch on its append-only file, and eviction off.',
      runbook: page('redis-forgets'),
    };
  return fine('Redis answers, and takes writes.');
}

function ofGenesys({ token, tokenDetail, answers: { minutes, answers, failed } }: Seen): Part {
  if (token === 'failing')
    return {
      is: 'trouble',
      says: `Genesys issues no token${tokenDetail ? `: ${tokenDetail}` : ''}. Nothing can be moved.`,
      todo: 'Run npx --no-install handover doctor with the environment of a worker.',
      runbook: page('token-fails'),
    };
  const lately = `${failed} of the ${many(answers, 'answer')} of the last ${minutes} minutes failed`;
  if (failed >= FAILS.least && failed / answers > FAILS.share)
    return {
      is: 'trouble',
      says: `Genesys is not well: ${lately}. Transfers wait and are retried.`,
      todo: 'Nothing while Genesys is down; afterwards replay what failed.',
      runbook: page('genesys-fails'),
    };
  return fine(answers === 0 ? 'Genesys was not asked lately.' : `Genesys answers: ${lately}.`);
}

function ofHoldOff({ holdOffUntil, holds }: Seen): Part {
  if (holdOffUntil !== null)
    return {
      is: 'waiting',
      says: `Genesys limits the rate: nothing is sent until ${holdOffUntil}.`,
      todo: 'Nothing if it is short. Does another system use the same OAuth client?',
      runbook: page('hold-off'),
    };
  if (holds.length > 0)
    return {
      is: 'waiting',
      says: `Genesys limits ${holds.map(({ operation }) => operation).join(', ')}; everything else goes on.`,
      runbook: page('hold-off'),
    };
  return fine('Nothing is held off.');
}

function ofBudget({ remaining, limit }: Seen): Part {
  if (!Number.isFinite(limit)) return fine('No limit of requests is configured.');
  if (remaining === 0)
    return {
      is: 'waiting',
      says: `The ${limit} requests of this minute are used up: transfers wait for the next.`,
      todo: 'If it lasts, submit less at once, or have the limit raised.',
      runbook: page('transfers-wait'),
    };
  return fine(`${remaining} of ${limit} requests are left of this minute.`);
}

function ofWorkers({ workers }: Seen): Part {
  if (workers === 0)
    return {
      is: 'trouble',
      says: 'No worker runs: transfers are accepted, but none is moved.',
      todo: 'Start a worker.',
      runbook: page('no-worker'),
    };
  return fine(`${many(workers, 'worker')} ${workers === 1 ? 'runs' : 'run'}.`);
}

function ofQueues({ paused, open, waiting, oldestWaitMs }: Seen): Part {
  const [first] = paused;
  if (first !== undefined)
    return {
      is: 'waiting',
      says: `${paused.map(({ queue }) => queue).join(', ')} ${paused.length === 1 ? 'is' : 'are'} paused, ${by(first)}.`,
      todo: `Resume: POST /api/queues/${first.queue}/resume.`,
      runbook: page('transfers-wait'),
    };
  if (oldestWaitMs > LONG_WAIT_MS)
    return {
      is: 'trouble',
      says: `${many(waiting, 'transfer')} wait for a worker, the oldest for ${Math.round(oldestWaitMs / 1_000)} s.`,
      todo: 'Are workers, hold-off and budget fine? Else start more workers.',
      runbook: page('transfers-wait'),
    };
  return fine(`${many(open, 'transfer')} open, of which ${waiting} wait for a worker.`);
}

function by({ actor, reason, since }: z.infer<typeof Pause>): string {
  const why = reason === null ? '' : `: ${reason}`;
  const when = since === null ? '' : ` since ${since}`;
  return actor === null ? `nobody noted why${when}` : `by ${actor}${when}${why}`;
}

function ofDeadLetters({ deadLetters, billingDeadLetters }: Seen): Part {
  if (deadLetters + billingDeadLetters === 0) return fine('There are no dead letters.');
  const [what, runbook] =
    deadLetters > 0
      ? [
          `${many(deadLetters, 'transfer')}${billingDeadLetters > 0 ? ` and ${many(billingDeadLetters, 'bill')}` : ''}`,
          page('dead-letters'),
        ]
      : [many(billingDeadLetters, 'bill or event'), page('billing-dead-letters')];
  return {
    is: 'trouble',
    says: `${what} ${deadLetters + billingDeadLetters === 1 ? 'needs' : 'need'} an operator.`,
    todo: 'Look at GET /api/dead-letters; replay or resolve them.',
    runbook,
  };
}

function ofBilling({ discrepancies, disabled, billingWaits }: Seen): Part {
  if (disabled.length > 0)
    return {
      is: 'trouble',
      says: `Nothing is delivered to ${disabled.join(', ')}: it is gone, or an operator paused its queue. Bills wait.`,
      todo: 'Correct the destination, then resume its queue.',
      runbook: page('billing-destination'),
    };
  if (discrepancies > 0)
    return {
      is: 'trouble',
      says: `Our records and the events disagree about ${many(discrepancies, 'transfer')}.`,
      todo: 'Look at GET /api/billing/discrepancies.',
      runbook: page('billing-discrepancies'),
    };
  return fine(`Records and events agree; ${billingWaits} wait for their counterpart.`);
}

function ofWebhook({ webhook: { state, detail } }: Seen): Part {
  if (state === 'failing')
    return {
      is: 'trouble',
      says: `The webhook is not registered${detail ? `: ${detail}` : ''}. No event arrives.`,
      todo: 'Correct WEBHOOK_CALLBACK_URL, or the scopes of the OAuth client.',
      runbook: page('webhook-not-registered'),
    };
  if (state === 'pending')
    return {
      is: 'waiting',
      says: 'The webhook is being registered.',
      runbook: page('webhook-not-registered'),
    };
  return fine(state === 'registered' ? 'The webhook is registered.' : 'No webhook is wanted.');
}
