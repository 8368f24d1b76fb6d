import {
  callbackStates,
  callbackTypes,
  confirmations,
  followUpKinds,
  followUpStates,
  Id,
  openStatuses,
  outcomeStatuses,
  reasons,
  steps,
  TargetBody,
  TransferBody,
  waitReasons,
} from '@handover/core/transfer';
import { z } from 'zod';
import { Next, PageQuerystring } from '../http/page.ts';
import { ProblemBody } from '../http/problems.ts';

const Instant = z.string().meta({ format: 'date-time' });
const Status = z
  .enum([...openStatuses, ...outcomeStatuses])
  .describe(`Ended: ${outcomeStatuses.join(', ')}. The others are open.`)
  .meta({ id: 'TransferStatus' });
export const OutcomeStatus = z.enum(outcomeStatuses).meta({ id: 'OutcomeStatus' });
export const Reason = z
  .enum(reasons)
  .describe('Why it ended so; docs/rules.md explains each.')
  .meta({ id: 'Reason' });
const Step = z.enum(steps).describe('What an entry of a timeline tells.').meta({ id: 'TimelineStep' });
const Actor = z
  .object({
    type: z.enum(['apiKey', 'operator', 'worker', 'genesysEvent', 'system']),
    name: z.string(),
  })
  .meta({ id: 'Actor' });

/** Why a person does something, in their words. */
export const Why = z.string().trim().min(1).max(500);
export const CancelQuerystring = z.strictObject({
  reason: Why.optional().describe('Why; kept in the timeline and in the audit.'),
});
export const TransferParams = z.object({ id: Id.describe('The id of a transfer.') });
export const CallbackParams = TransferParams.extend({
  callbackId: Id.describe('The id of one of its callbacks.'),
});

const Outcome = z
  .object({
    status: OutcomeStatus,
    reason: Reason.optional(),
    detail: z.string().optional().describe('Free text; the platform’s message, if any.'),
    target: TargetBody.optional().describe(
      'The target that the call was moved to; of `cancelled: shadow`, the one that it would have had.',
    ),
    isFallback: z.boolean().optional(),
    confirmedBy: z.enum(confirmations).optional(),
  })
  .meta({ id: 'Outcome' });

export const TimelineEntryBody = z
  .object({
    at: Instant,
    step: Step,
    by: z.string().describe('The actor, as `type:name`.'),
    attempt: z.int().optional(),
    rule: z.string().optional(),
    evidence: z.record(z.string(), z.unknown()).optional(),
    ageMs: z.number().optional().describe('Age of the evidence.'),
    requests: z
      .array(
        z.object({
          operation: z.string(),
          status: z.int().nullable(),
          ms: z.number(),
          correlationId: z.string().optional(),
        }),
      )
      .optional()
      .describe(
        "Requests to Genesys; a null status means no answer. `correlationId`: Genesys' id of the request, for its support.",
      ),
    decided: z.string().optional(),
    detail: z.string().optional(),
    ms: z.number().optional(),
    times: z
      .int()
      .optional()
      .describe('On `waiting`: the number of consecutive waits; `at` is the time of the latest.'),
    since: Instant.optional().describe('When the first of these waits began.'),
    traceId: z.string().optional().describe('On `accepted`, if tracing is enabled.'),
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

export const CallbackBody = z
  .object({
    id: z.string().describe('Of the message: its `webhook-id`.'),
    type: z.enum(callbackTypes),
    at: Instant.describe('When it was written.'),
    state: z.enum(callbackStates),
    tried: z.int().describe('How often it was tried.'),
    tries: z
      .array(
        z.object({
          at: Instant,
          ms: z.number(),
          status: z.int().optional().describe('The answer; absent if there was none.'),
          error: z.string().optional().describe('Why it was not delivered, in words.'),
        }),
      )
      .describe('The latest ten tries.'),
    nextAt: Instant.optional().describe('While it waits: when it is tried next, at the earliest.'),
    giveUpAt: Instant.optional().describe('While it waits: when it is tried for the last time.'),
    why: z.string().optional().describe('Why it was given up, or why it still waits.'),
  })
  .meta({ id: 'Callback' });

export const TransferAnswer = z
  .object({
    id: z.string(),
    status: Status,
    story: z.string().describe('What happened, and why, in one sentence for people; its words may change.'),
    waitingFor: z
      .object({
        reason: z
          .enum(waitReasons)
          .describe(
            '`turn`: a worker. `not-before`: its start. `budget`: a request of the budget. `hold-off`: Genesys asked for a pause. `paused`: an operator paused the queue. `retry`: the next try. `proof`: a reading that shows whether the call was moved. `confirmation`: the end of an accepted request; without `until`, an operator or an event. `consult`: the answer of its target.',
          ),
        until: Instant.optional().describe('Not before this time, as far as it is known.'),
      })
      .optional()
      .describe('While it is open; absent while a worker works on it.'),
    shadow: z.literal(true).optional().describe('In shadow mode only: this transfer never moves its call.'),
    request: TransferBody.nullable().describe('null only if a job could not be read.'),
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
    callbacks: z
      .array(CallbackBody)
      .optional()
      .describe('What its upstream was told. Absent if nothing was, as where its API key has no receiver.'),
    timeline: z.array(TimelineEntryBody),
  })
  .meta({ id: 'Transfer' });

export const TransferItem = TransferAnswer.partial({ timeline: true }).meta({ id: 'TransferItem' });

export const TransferPage = z
  .object({
    items: z.array(TransferItem),
    next: Next,
    incomplete: z
      .string()
      .optional()
      .describe('What of the range is missing, and why; absent if nothing is.'),
  })
  .meta({ id: 'TransferPage' });

export const AcceptedBody = z
  .object({
    id: z.string(),
    status: Status,
    detail: z.string().optional().describe('Why `Prefer: wait` was not applied, if so.'),
  })
  .meta({ id: 'Accepted' });

export const BATCH_SIZE = 1_000;

export const BatchBody = z
  .strictObject({
    transfers: z
      // For the OpenAPI document only: items are validated separately, so that an invalid one does not affect the others.
      .array(z.unknown().meta({ $ref: '#/components/schemas/TransferRequest' }))
      .min(1)
      .max(BATCH_SIZE),
  })
  .meta({ id: 'Batch' });

const BatchResult = z
  .union([
    z.object({ status: z.literal(202), id: z.string() }),
    z.object({ status: z.int(), problem: ProblemBody }),
  ])
  .meta({ id: 'BatchResult' });

export const BatchAnswer = z
  .object({
    results: z
      .array(BatchResult)
      .describe('In the order of the transfers: 202 and the id, or the status and the problem.'),
  })
  .meta({ id: 'BatchAnswer' });

const header = (about: string) => z.string().optional().describe(about);

export const IdempotencyHeaders = z.looseObject({
  'idempotency-key': header(
    '1 to 255 printable characters, bare or in double quotes; scoped to the API key and route. The same key and body get the first answer again, with `Idempotency-Replayed: true`, until 24 h after the outcome.',
  ),
});

export const SubmitHeaders = IdempotencyHeaders.extend({
  prefer: header('`wait=N` (RFC 7240): wait up to N seconds, at most 30, for the outcome.'),
});

export const EventsHeaders = z.looseObject({
  'last-event-id': header('The id of the last event received; the stream resumes after it.'),
});

export const TransferQuery = PageQuerystring.extend({
  callId: Id.optional().describe('Of this call; each item then has its timeline.'),
  // Not by reference: the description of a parameter would be lost.
  status: z.enum(Status.options).optional().describe('Its status now.'),
  reason: z.enum(reasons).optional().describe('Of the outcome.'),
  target: Id.optional().describe('The id of the target that was asked for.'),
  agent: Id.optional().describe('The `userId` of the request.'),
  key: Id.optional().describe('The name of the API key that submitted it.'),
}).describe('`from` and `to` are times of acceptance.');
