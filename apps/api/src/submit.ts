import { randomUUID } from 'node:crypto';
import { type Acceptance, type TransferQueue, type TransferStore, transferJob } from '@handover/core/queue';
import { type Actor, isOutcome, type Status, type TransferRequest } from '@handover/core/transfer';
import type { FastifyBaseLogger } from 'fastify';
import { invalidRequest } from './failures.ts';
import { Problem } from './problems.ts';
import { isRedisFailure } from './redis-failures.ts';
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
};

/**
 * Accepts a transfer and adds its job. A key that came before gets its first answer again, also where the body would no
 * longer be accepted. Throws the problem that the answer is, and what Redis throws.
 */
export async function submit(intake: Intake, { actor, key, read }: Submission): Promise<Accepted> {
  const { store, memory } = intake;
  let request: TransferRequest;
  try {
    request = read();
    await memory.refuseWhenFull();
  } catch (refusal) {
    // A Redis that does not answer is not asked twice: its time-out has passed already.
    if (key === undefined || isRedisFailure(refusal)) throw refusal;
    const before = await firstAnswer(intake, actor, key);
    if (before === undefined) throw refusal;
    return before;
  }
  const acceptance = await store.accept({ id: randomUUID(), request, actor, idempotency: key });
  if (acceptance.accepted === false) throw refusalOf(acceptance);
  const { id, status } = acceptance;
  const isRepeat = acceptance.accepted === 'before';
  if (!isRepeat || isOpen(acceptance.statusNow)) await addJobs(intake, [{ id, request }]);
  return { id, status, replayed: isRepeat };
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
  if (now !== undefined && now.record.request !== null && isOpen(now.record.status))
    await addJobs({ queue, log }, [{ id: known.id, request: now.record.request }]);
  return { id: known.id, status: known.status, replayed: true };
}

/** Adds the jobs of accepted transfers. Where that fails they are no less accepted: the sweep adds what is missing. */
export async function addJobs(
  { queue, log }: Pick<Intake, 'queue' | 'log'>,
  transfers: { id: string; request: TransferRequest }[],
): Promise<void> {
  if (transfers.length === 0) return;
  const now = Date.now();
  try {
    await queue.addBulk(transfers.map(({ id, request }) => transferJob(id, request, now)));
  } catch (error) {
    log.warn({ err: error, transfers: transfers.length }, 'jobs could not be added; the sweep will');
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

/** The problem of a transfer that was not accepted. */
export function refusalOf(acceptance: Extract<Acceptance, { accepted: false }>): Problem {
  switch (acceptance.why) {
    case 'other-body':
      return keyReused();
    case 'past':
      return invalidRequest([{ field: 'expiresAt', message: 'is in the past' }]);
    case 'call-held':
      return callHeld(acceptance.holder);
  }
}
