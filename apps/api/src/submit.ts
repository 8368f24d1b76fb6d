import { randomUUID } from 'node:crypto';
import {
  type Acceptance,
  type Submission as Candidate,
  redisErrorKind,
  type TransferQueue,
  type TransferStore,
  transferJob,
} from '@handover/core/redis';
import { type ServerSpan, traceIdOf } from '@handover/core/tracing';
import { type Actor, isOutcome, type Status, type TransferRequest } from '@handover/core/transfer';
import type { FastifyBaseLogger } from 'fastify';
import { invalidRequest } from './failures.ts';
import { Problem } from './problems.ts';
import type { MemoryGuard } from './redis-gate.ts';
import { transferPath } from './transfer-view.ts';

/** Where transfers come in: one lane, and what guards it. */
export type Intake = {
  store: TransferStore;
  queue: TransferQueue;
  memory: MemoryGuard;
  log: FastifyBaseLogger;
};

export type IdempotencyKey = { route: string; key: string; fingerprint: string };

export type Accepted = { id: string; status: Status; replayed: boolean };

type Submission = {
  actor: Actor;
  key: IdempotencyKey | undefined;
  /** Gives the request; throws the problem of a body that is none. */
  read: () => TransferRequest;
  /** The span of the request it came with, where that is traced. */
  span?: ServerSpan | undefined;
};

/**
 * Accepts a transfer and adds its job. A key that came before gets its first answer again, also where the body would no
 * longer be accepted. Throws the problem that the answer is, and what Redis throws.
 */
export async function submit(intake: Intake, { actor, key, read, span }: Submission): Promise<Accepted> {
  const { memory } = intake;
  let request: TransferRequest;
  try {
    request = read();
    await memory.refuseWhenFull();
  } catch (refusal) {
    // A Redis that does not answer is not asked twice: its time-out has passed already.
    if (key === undefined || redisErrorKind(refusal) !== undefined) throw refusal;
    const before = await firstAnswer(intake, actor, key);
    if (before === undefined) throw refusal;
    return before;
  }
  const candidate = { id: randomUUID(), request, actor, idempotency: key };
  const acceptance = await acceptInSpan(intake, candidate, span);
  if (acceptance.accepted === false) throw refusalOf(acceptance);
  const { id, status, traceparent } = acceptance;
  const isRepeat = acceptance.accepted === 'before';
  if (!isRepeat || isOpen(acceptance.statusNow)) await addJobs(intake, [{ id, request, traceparent }]);
  return { id, status, replayed: isRepeat };
}

/**
 * Accepts a transfer; where it comes with a span, its record keeps one of its own below that, and all its jobs carry it.
 * What was not accepted leaves none.
 */
export async function acceptInSpan(
  { store, queue }: Pick<Intake, 'store' | 'queue'>,
  candidate: Candidate,
  span: ServerSpan | undefined,
): Promise<Acceptance> {
  const { id, request } = candidate;
  const sending = span?.send({ transfer: id, call: request.callId, queue: queue.name });
  const acceptance = await store.accept({ ...candidate, traceparent: sending?.traceparent });
  if (acceptance.accepted === true) sending?.end();
  return acceptance;
}

/** The first answer to a key, or undefined where it never came. Throws `idempotency-key-reused` for another body. */
export async function firstAnswer(
  { store, queue, log }: Omit<Intake, 'memory'>,
  actor: Actor,
  key: IdempotencyKey,
): Promise<Accepted | undefined> {
  const known = await store.lookUpKey(actor, key);
  if (known === undefined) return undefined;
  if (!known.sameBody) throw keyReused();
  const now = await store.get(known.id);
  if (now !== undefined && now.record.request !== null && isOpen(now.record.status)) {
    const { request, traceparent } = now.record;
    await addJobs({ queue, log }, [{ id: known.id, request, traceparent }]);
  }
  return { id: known.id, status: known.status, replayed: true };
}

type Queued = { id: string; request: TransferRequest; traceparent: string | undefined };

/** Adds the jobs of accepted transfers. Where that fails they are no less accepted: the sweep adds what is missing. */
export async function addJobs(
  { queue, log }: Pick<Intake, 'queue' | 'log'>,
  transfers: Queued[],
): Promise<void> {
  if (transfers.length === 0) return;
  const now = Date.now();
  try {
    const jobs = transfers.map(({ id, request, traceparent }) => transferJob(id, request, now, traceparent));
    const [first] = jobs;
    // The pipeline of a bulk costs more than the one job in it.
    if (first !== undefined && jobs.length === 1) await queue.add(first.name, first.data, first.opts);
    else await queue.addBulk(jobs);
  } catch (error) {
    const traceId = traceIdOf(transfers[0]?.traceparent);
    log.warn({ err: error, transfers: transfers.length, traceId }, 'jobs could not be added; the sweep will');
  }
}

export function isOpen(status: Status | ''): boolean {
  return status !== '' && !isOutcome(status);
}

export function keyReused(): Problem {
  return new Problem('idempotency-key-reused', 'This Idempotency-Key came before, with another body.');
}

/** The problem of a call that another transfer holds. */
export function callHeld(holder: string): Problem {
  const detail = `The call is in transfer ${holder}, which has no outcome yet.`;
  return new Problem('call-already-in-transfer', detail, {
    holder: { id: holder, href: transferPath(holder) },
  });
}

const TIME_WORDS = { past: 'is in the past', 'too-far': 'is more than 30 days ahead' } as const;

/** The problem of a transfer that was not accepted. */
export function refusalOf(acceptance: Extract<Acceptance, { accepted: false }>): Problem {
  switch (acceptance.why) {
    case 'other-body':
      return keyReused();
    case 'bad-times':
      return invalidRequest(acceptance.times.map(({ field, why }) => ({ field, message: TIME_WORDS[why] })));
    case 'call-held':
      return callHeld(acceptance.holder);
  }
}
