import { Id, TargetBody, transferTypes } from '@handover/core/transfer';
import { z } from 'zod';
import { Next, PageQuerystring } from '../http/page.ts';
import { OutcomeStatus, Reason, TimelineEntryBody } from '../transfers/schemas.ts';
import { predictions } from './judge.ts';

const Name = z.string().trim().min(1).max(100);

export const SimulatorBody = z
  .strictObject({
    userId: Id,
    callId: Id,
    targetQueueId: Id,
    fallbackQueueId: Id.optional(),
    wrapUpCodeId: Id.optional(),
    transferType: z.enum(transferTypes).default('blind'),
    scenario: z
      .string()
      .min(1)
      .max(100)
      .default('plain')
      .describe('The fault to simulate, one of GET /api/simulator/scenarios.'),
    trainee: Name.optional().describe('Who practises; for the list of runs.'),
    class: Name.optional().describe('With whom; for the list of runs.'),
    predicted: z.enum(predictions).optional().describe('What the trainee says will come of it.'),
  })
  .meta({ id: 'SimulatedTransfer' });

const End = z
  .object({
    status: OutcomeStatus,
    reason: Reason.optional(),
    isFallback: z.boolean().optional(),
  })
  .meta({ id: 'TrainingEnd' });

export const Scenarios = z.object({
  items: z.array(
    z
      .object({
        scenario: z.string(),
        description: z.string().describe('What happens.'),
        handling: z.string().describe('What should be done about it.'),
        expected: End.optional().describe('How a run should end.'),
        withoutFallback: End.optional().describe('The same without a fallback, if that is something else.'),
      })
      .meta({ id: 'Scenario' }),
  ),
});

export const TrainingRunBody = z
  .object({
    id: z.string(),
    at: z.string().meta({ format: 'date-time' }),
    by: z.string().describe('The name of the API key.'),
    trainee: z.string().optional(),
    class: z.string().optional(),
    scenario: z.string(),
    transferType: z.enum(transferTypes),
    hasFallback: z.boolean(),
    expected: End.optional(),
    ended: End.nullable().describe('null: it had no outcome when the wait ended.'),
    met: z.boolean().describe('Whether it ended as expected.'),
    predicted: z.enum(predictions).optional(),
    predictionMet: z.boolean().optional(),
  })
  .meta({ id: 'TrainingRun' });
export const TrainingRuns = z
  .object({ items: z.array(TrainingRunBody), next: Next })
  .meta({ id: 'TrainingPage' });

export const RunsQuery = PageQuerystring.extend({
  trainee: Name.optional().describe('Who practised.'),
  class: Name.optional().describe('With whom.'),
});

export const SimulatorAnswer = z
  .object({
    run: TrainingRunBody.optional(),
    status: z.literal('transferred'),
    target: TargetBody.optional(),
    isFallback: z.boolean(),
    timeline: z.array(TimelineEntryBody),
  })
  .meta({ id: 'SimulatorAnswer' });
