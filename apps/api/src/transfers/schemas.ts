import {
  followUpKinds,
  followUpStates,
  Id,
  openStatuses,
  outcomeStatuses,
  reasons,
  TransferBody,
  targetTypes,
} from '@handover/core/transfer';
import { z } from 'zod';
import { ProblemBody } from '../http/problems.ts';

const Instant = z.string().meta({ format: 'date-time' });
const Status = z.enum([...openStatuses, ...outcomeStatuses]);
export const TargetBody = z.object({ type: z.enum(targetTypes), id: z.string() });
const Actor = z.object({
  type: z.enum(['apiKey', 'operator', 'worker', 'genesysEvent', 'system']),
  name: z.string(),
});

export const TransferParams = z.object({ id: Id.describe('The id of a transfer.') });

const Outcome = z.object({
  status: z.enum(outcomeStatuses),
  reason: z.enum(reasons).optional(),
  detail: z.string().optional().describe('Free text; the words of the platform, where it had some.'),
  target: TargetBody.optional().describe('Where the call went.'),
  isFallback: z.boolean().optional(),
  confirmedBy: z.enum(['answer', 'reading', 'event', 'operator']).optional(),
});

export const TimelineEntryBody = z
  .object({
    at: Instant,
    step: z.string(),
    by: z.string().describe('The actor, as `type:name`.'),
    attempt: z.int().optional(),
    rule: z.string().optional(),
    evidence: z.record(z.string(), z.unknown()).optional(),
    ageMs: z.number().optional().describe('How old the evidence was.'),
    requests: z
      .array(z.object({ operation: z.string(), status: z.int().nullable(), ms: z.number() }))
      .optional()
      .describe('Requests to Genesys; a status of null means that no answer came.'),
    decided: z.string().optional(),
    detail: z.string().optional(),
    ms: z.number().optional(),
    times: z.int().optional().describe('On `waiting`: so many waits in a row; `at` is the latest.'),
    since: Instant.optional().describe('When the first of these waits began.'),
    traceId: z.string().optional().describe('On `accepted`, where tracing is on.'),
  })
  .meta({ id: 'TimelineEntry' });

const FollowUpBody = z
  .object({
    id: z.string(),
    kind: z.enum(followUpKinds),
    state: z
      .enum(followUpStates)
      .describe('superseded: somebody else has done it, or it is no longer wanted.'),
    dueAt: Instant.describe('Not tried before.'),
    giveUpAt: Instant,
    tries: z.int().describe('Tries that came to nothing.'),
    why: z.string().optional().describe('Why it ended so, or why it still waits.'),
  })
  .meta({ id: 'FollowUp' });

export const TransferAnswer = z
  .object({
    id: z.string(),
    status: Status,
    request: TransferBody.nullable().describe('null only where a job could not be read.'),
    outcome: Outcome.nullable(),
    attempts: z.int(),
    acceptedAt: Instant,
    expiresAt: Instant,
    actor: Actor,
    followUps: z
      .array(FollowUpBody)
      .optional()
      .describe(
        'What is done after the outcome, and never changes it. Absent where the transfer left nothing.',
      ),
    timeline: z.array(TimelineEntryBody),
  })
  .meta({ id: 'Transfer' });

export const TransferList = z.object({ items: z.array(TransferAnswer) });

export const AcceptedBody = z
  .object({
    id: z.string(),
    status: Status,
    detail: z.string().optional().describe('Why `Prefer: wait` was not followed, where it was not.'),
  })
  .meta({ id: 'Accepted' });

export const BATCH_SIZE = 1_000;

export const BatchBody = z
  .strictObject({
    transfers: z
      // Known to the document only: each item is checked by itself, so that a bad one does not spoil the others.
      .array(z.unknown().meta({ $ref: '#/components/schemas/TransferRequestInput' }))
      .min(1)
      .max(BATCH_SIZE),
  })
  .meta({ id: 'Batch' });

export const BatchAnswer = z.object({
  results: z
    .array(
      z.union([
        z.object({ status: z.literal(202), id: z.string() }),
        z.object({ status: z.int(), problem: ProblemBody }),
      ]),
    )
    .describe('In the order of the transfers: 202 and an id, or the status and the problem.'),
});

const header = (about: string) => z.string().optional().describe(about);

export const IdempotencyHeaders = z.looseObject({
  'idempotency-key': header(
    '1 to 255 printable characters, bare or in double quotes; belongs to one API key and route. Same key and body: the first answer again, with `Idempotency-Replayed: true`, until 24 h after the outcome.',
  ),
});

export const SubmitHeaders = IdempotencyHeaders.extend({
  prefer: header('`wait=N` (RFC 7240): wait up to N seconds, at most 30, for the outcome.'),
});

export const EventsHeaders = z.looseObject({
  'last-event-id': header('The id of the last event seen: the stream goes on after it.'),
});

export const CallQuery = z.object({ callId: Id.describe('All transfers of this call.') });
