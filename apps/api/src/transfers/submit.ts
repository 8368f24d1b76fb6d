import { randomUUID } from 'node:crypto';
import { redisErrorKind, type TransferStore } from '@handover/core/redis';
import { type ServerSpan, traceIdOf } from '@handover/core/tracing';
import {
  type Acceptance,
  type Actor,
  answerAgain,
  type FieldError,
  type IdempotencyKey,
  type Status,
  type Submission,
  type SubmitPorts,
  submit,
  type TransferRequest,
  type Wakes,
} from '@handover/core/transfer';
import type { FastifyBaseLogger } from 'fastify';
import { invalidRequest } from '../http/failures.ts';
import { Problem } from '../http/problems.ts';
import type { MemoryGuard } from '../http/redis-gate.ts';
import { transferPath } from './view.ts';

/** The intake of a lane: its store and queue, and the memory guard. */
export type Intake = {
  /** The fields that the lane's dialect cannot carry out. */
  checkRequest(request: TransferRequest): FieldError[];
  store: TransferStore;
  wakes: Wakes;
  memory: MemoryGuard;
  log: FastifyBaseLogger;
};

export type Accepted = { id: string; status: Status; replayed: boolean };

type Submitted = {
  actor: Actor;
  key: IdempotencyKey | undefined;
  /** Returns the request; throws the problem of an invalid body. */
  read: () => TransferRequest;
  /** The span of the HTTP request, if traced. */
  span?: ServerSpan | undefined;
};

/**
 * Submits the transfer of a request. A known idempotency key gets its first answer again, even if the body would no longer
 * be accepted. Throws the problem to answer with, and what Redis throws.
 */
export async function submitOne(intake: Intake, { actor, key, read, span }: Submitted): Promise<Accepted> {
  const ports = submitPorts(intake, span);
  let request: TransferRequest;
  try {
    request = read();
    const errors = intake.checkRequest(request);
    if (errors.length > 0) throw invalidRequest(errors);
    await intake.memory.refuseWhenFull();
  } catch (refusal) {
    // If Redis does not answer, do not ask again: its time-out has already passed.
    if (key === undefined || redisErrorKind(refusal) !== undefined) throw refusal;
    const before = await answerAgain(ports, actor, key);
    if (before === undefined) throw refusal;
    return acceptedOf(before);
  }
  return acceptedOf(await submit(ports, { id: randomUUID(), request, actor, idempotency: key }));
}

function acceptedOf(acceptance: Acceptance): Accepted {
  if (acceptance.accepted === false) throw refusalOf(acceptance);
  const { id, status, accepted } = acceptance;
  return { id, status, replayed: accepted === 'before' };
}

/** The ports for submitting to this lane; with a span, each acceptance gets a child span. */
export function submitPorts(
  { store, wakes, log }: Pick<Intake, 'store' | 'wakes' | 'log'>,
  span: ServerSpan | undefined,
): SubmitPorts {
  const { lookUpKey, recordOf } = store;
  return {
    store: { accept: (submission) => acceptInSpan(store, submission, span), lookUpKey, recordOf },
    wakes,
    onJobless(error, transfers) {
      for (const { id, request, traceparent } of transfers) {
        const traceId = traceIdOf(traceparent);
        log.warn({ transfer: id, call: request.callId, traceId, err: error }, 'job.not-added');
      }
    },
  };
}

/** The record and its jobs keep the span's trace context. A refused submission exports no span. */
async function acceptInSpan(
  { accept, lane }: TransferStore,
  submission: Submission,
  span: ServerSpan | undefined,
): Promise<Acceptance> {
  const { id, request } = submission;
  const queueSpan = span?.send({ transfer: id, call: request.callId, queue: lane.queue });
  const acceptance = await accept({ ...submission, traceparent: queueSpan?.traceparent });
  if (acceptance.accepted === true) queueSpan?.end();
  return acceptance;
}

export function keyReused(): Problem {
  return new Problem(
    'idempotency-key-reused',
    'This Idempotency-Key was already used with a different body.',
  );
}

/** The problem for a call that another transfer holds. */
export function callHeld(holder: string): Problem {
  const detail = `The call is in transfer ${holder}, which has no outcome yet.`;
  return new Problem('call-already-in-transfer', detail, {
    holder: { id: holder, href: transferPath(holder) },
  });
}

const TIME_WORDS = { past: 'is in the past', 'too-far': 'is more than 30 days ahead' } as const;

/** The problem for a transfer that was not accepted. */
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
