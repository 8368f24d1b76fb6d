import { randomUUID } from 'node:crypto';
import { type Acceptance, LONGEST_AHEAD_MS, type RedisClient, redisNow } from '@handover/core/redis';
import type { ServerSpan } from '@handover/core/tracing';
import { type Actor, TransferBody, type TransferRequest, toRequest } from '@handover/core/transfer';
import { fieldErrors, invalidRequest, toProblem } from './failures.ts';
import { Problem, problemBody } from './problems.ts';
import {
  acceptInSpan,
  addJobs,
  type IdempotencyKey,
  type Intake,
  isOpen,
  keyReused,
  refusalOf,
} from './submit.ts';

export type BatchResult =
  | { status: 202; id: string }
  | { status: number; problem: ReturnType<typeof problemBody> };
export type BatchAnswered = { results: BatchResult[]; replayed: boolean };

const KEPT_AFTER_DEADLINE_MS = 24 * 3_600_000;

type BatchIntake = Intake & { redis: RedisClient; deadlineMs: number };
type Batch = {
  items: unknown[];
  actor: Actor;
  key: IdempotencyKey | undefined;
  span?: ServerSpan | undefined;
};
type Item = { id: string; read: TransferRequest | Problem; key: IdempotencyKey | undefined };

/**
 * Accepts up to 1,000 transfers, each for itself, with pipelined steps and one adding of jobs. Under an idempotency key a
 * repeat gets the same results; one that follows a crash in the middle accepts only what was not accepted before.
 * Throws `idempotency-key-reused`, `redis-full`, `redis-unavailable`.
 */
export async function submitBatch(intake: BatchIntake, batch: Batch): Promise<BatchAnswered> {
  const { items, actor, key, span } = batch;
  const read = items.map((item, index) => readItem(item, key, index));
  const reserved = key === undefined ? undefined : await reserve(intake, actor, key, read);
  if (reserved?.results !== undefined) return { results: reserved.results, replayed: true };
  await intake.memory.refuseWhenFull();

  const settled = await Promise.allSettled(read.map((item) => acceptItem(intake, actor, item, span)));
  const jobs = settled.flatMap((one, index) => {
    const request = read[index]?.read;
    if (one.status === 'rejected' || request === undefined || request instanceof Problem) return [];
    if (!needsJob(one.value)) return [];
    const { id, traceparent } = one.value;
    return [{ id, request, traceparent }];
  });
  await addJobs(intake, jobs);

  const results = settled.map(resultOf);
  const failed = results.filter(({ status }) => status >= 500);
  // Redis went away in the middle: some were accepted, and each result is true. Nothing is kept, so a repeat goes on.
  if (failed.length === results.length) throw firstReason(settled);
  if (reserved === undefined || failed.length > 0) return { results, replayed: false };
  return { results: await keep(intake.redis, reserved.name, results), replayed: false };
}

/** Throws `idempotency-key-reused` where the key stands for another batch; for bodies that are no batch at all. */
export async function refuseReusedBatchKey(
  { store, redis }: Pick<BatchIntake, 'store' | 'redis'>,
  actor: Actor,
  key: IdempotencyKey,
): Promise<void> {
  const known = await redis.hget(store.idempotencyKey(actor, key), 'fingerprint');
  if (known !== null && known !== key.fingerprint) throw keyReused();
}

function readItem(item: unknown, key: IdempotencyKey | undefined, index: number): Item {
  const ofItem = key && {
    route: `${key.route} item`,
    key: `${key.key}/${index}`,
    fingerprint: key.fingerprint,
  };
  const id = randomUUID();
  const parsed = TransferBody.safeParse(item);
  if (!parsed.success)
    return { id, key: ofItem, read: invalidRequest(fieldErrors(parsed.error.issues, 'transfer')) };
  const timed = toRequest(parsed.data);
  return { id, key: ofItem, read: timed.ok ? timed.request : invalidRequest(timed.errors) };
}

async function acceptItem(
  intake: Intake,
  actor: Actor,
  { id, read, key }: Item,
  span: ServerSpan | undefined,
): Promise<Acceptance> {
  if (!(read instanceof Problem))
    return acceptInSpan(intake, { id, request: read, actor, idempotency: key }, span);
  const before = key === undefined ? undefined : await intake.store.lookUpKey(actor, key);
  if (before === undefined) throw read;
  return { accepted: 'before', id: before.id, status: before.status, statusNow: '' };
}

function needsJob(acceptance: Acceptance): acceptance is Exclude<Acceptance, { accepted: false }> {
  if (acceptance.accepted === 'before') return isOpen(acceptance.statusNow);
  return acceptance.accepted;
}

function resultOf(settled: PromiseSettledResult<Acceptance>): BatchResult {
  if (settled.status === 'rejected') return refused(toProblem(settled.reason));
  const acceptance = settled.value;
  return acceptance.accepted === false ? refused(refusalOf(acceptance)) : { status: 202, id: acceptance.id };
}

function refused(problem: Problem): BatchResult {
  return { status: problem.status, problem: problemBody(problem) };
}

function firstReason(settled: PromiseSettledResult<Acceptance>[]): unknown {
  return settled.find((one) => one.status === 'rejected')?.reason;
}

/** Takes the key for this batch, or gives the results that it already stands for. */
async function reserve(
  { store, redis, deadlineMs }: BatchIntake,
  actor: Actor,
  key: IdempotencyKey,
  items: Item[],
): Promise<{ name: string; results: BatchResult[] | undefined }> {
  const name = store.idempotencyKey(actor, key);
  const [now, [before, answered]] = await Promise.all([
    redisNow(redis),
    redis.hmget(name, 'fingerprint', 'results'),
  ]);
  // Only its own batch, while it is under way, may set how long the key is kept.
  if (before != null && before !== key.fingerprint) throw keyReused();
  if (answered != null) return { name, results: JSON.parse(answered) as BatchResult[] };
  const deadlines = items.map(({ read }) =>
    read instanceof Problem ? now : (read.expiresAt ?? Math.max(now, read.notBefore ?? 0) + deadlineMs),
  );
  const latest = deadlines.reduce((one, other) => Math.max(one, other), now);
  // A deadline further ahead will be refused.
  const until = Math.min(latest, now + LONGEST_AHEAD_MS + deadlineMs) + KEPT_AFTER_DEADLINE_MS;
  const replies = await redis
    .multi()
    .hsetnx(name, 'fingerprint', key.fingerprint)
    .pexpireat(name, until)
    .hmget(name, 'fingerprint', 'results')
    .exec();
  const error = replies?.find(([failure]) => failure !== null)?.[0];
  if (error) throw error;
  const [known, results] = (replies?.[2]?.[1] ?? []) as (string | null)[];
  if (known !== key.fingerprint) throw keyReused();
  return { name, results: results == null ? undefined : (JSON.parse(results) as BatchResult[]) };
}

/** Keeps the results under the key; of two that ran at once the first counts for both. */
async function keep(redis: RedisClient, name: string, results: BatchResult[]): Promise<BatchResult[]> {
  const isFirst = await redis.hsetnx(name, 'results', JSON.stringify(results));
  if (isFirst === 1) return results;
  const kept = await redis.hget(name, 'results');
  return kept === null ? results : (JSON.parse(kept) as BatchResult[]);
}
