import { randomUUID } from 'node:crypto';
import type { BatchStore } from '@handover/core/redis';
import type { ServerSpan } from '@handover/core/tracing';
import {
  type Acceptance,
  type Actor,
  answerAgain,
  type IdempotencyKey,
  type Submission,
  type SubmitPorts,
  submitAll,
  TransferBody,
  toRequest,
} from '@handover/core/transfer';
import { fieldErrors, invalidRequest, toProblem } from '../http/failures.ts';
import { type Problem, problemBody } from '../http/problems.ts';
import { type Intake, keyReused, refusalOf, submitPorts } from './submit.ts';

export type BatchResult =
  | { status: 202; id: string }
  | { status: number; problem: ReturnType<typeof problemBody> };
export type BatchAnswered = { results: BatchResult[]; replayed: boolean };

type BatchIntake = Intake & { batches: BatchStore<BatchResult> };
type Batch = {
  items: unknown[];
  actor: Actor;
  key: IdempotencyKey | undefined;
  span?: ServerSpan | undefined;
};
type BadItem = { actor: Actor; problem: Problem; idempotency: IdempotencyKey | undefined };
type Item = Submission | BadItem;

/**
 * Submits up to 1,000 transfers separately, with pipelined steps and one bulk addition of jobs. With an idempotency key a
 * repeat gets the same results; after a crash in the middle it accepts only those not yet accepted.
 * Throws `idempotency-key-reused`, `redis-full`, `redis-unavailable`.
 */
export async function submitBatch(intake: BatchIntake, batch: Batch): Promise<BatchAnswered> {
  const { actor, key, span } = batch;
  const { batches } = intake;
  const items = batch.items.map((item, index) => readItem(intake, item, index, batch));
  if (key !== undefined) {
    const requests = items.filter(isSubmission).map(({ request }) => request);
    const reserved = await batches.reserve(actor, key, requests);
    if (reserved.isOther) throw keyReused();
    if (reserved.results !== undefined) return { results: reserved.results, replayed: true };
  }
  await intake.memory.refuseWhenFull();

  const settled = await submitItems(submitPorts(intake, span), items);
  const results = settled.map(resultOf);
  const failed = results.filter(({ status }) => status >= 500);
  // Redis failed in the middle: each result is true, but they are not stored, so that a repeat continues.
  if (failed.length === results.length) throw firstReason(settled);
  if (key === undefined || failed.length > 0) return { results, replayed: false };
  return { results: await batches.keep(actor, key, results), replayed: false };
}

function readItem(intake: Intake, item: unknown, index: number, { actor, key }: Batch): Item {
  const idempotency = key && {
    route: `${key.route} item`,
    key: `${key.key}/${index}`,
    fingerprint: key.fingerprint,
  };
  const refused = (problem: Problem): BadItem => ({ actor, problem, idempotency });
  const parsed = TransferBody.safeParse(item);
  if (!parsed.success) return refused(invalidRequest(fieldErrors(parsed.error.issues, 'transfer')));
  const timed = toRequest(parsed.data);
  if (!timed.ok) return refused(invalidRequest(timed.errors));
  const errors = intake.checkRequest(timed.request);
  if (errors.length > 0) return refused(invalidRequest(errors));
  return { id: randomUUID(), request: timed.request, actor, idempotency };
}

function isSubmission(item: Item): item is Submission {
  return 'request' in item;
}

/** The result of each item, in order. */
async function submitItems(ports: SubmitPorts, items: Item[]): Promise<PromiseSettledResult<Acceptance>[]> {
  const good = items.filter(isSubmission);
  const bad = items.filter((item): item is BadItem => !isSubmission(item));
  const [submitted, answered] = await Promise.all([
    submitAll(ports, good),
    Promise.allSettled(bad.map((item) => answerBadItem(ports, item))),
  ]);
  const settled = [...submitted, ...answered];
  const places = new Map([...good, ...bad].map((item, place) => [item, place]));
  return items.flatMap((item) => settled[places.get(item) ?? -1] ?? []);
}

/** The first answer, if the item was accepted before under this key; otherwise throws its problem. */
async function answerBadItem(
  ports: SubmitPorts,
  { actor, problem, idempotency }: BadItem,
): Promise<Acceptance> {
  const before = idempotency && (await answerAgain(ports, actor, idempotency));
  if (before === undefined) throw problem;
  return before;
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
