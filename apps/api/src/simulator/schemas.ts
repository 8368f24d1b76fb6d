import { Id, transferTypes } from '@handover/core/transfer';
import { z } from 'zod';
import { TargetBody, TimelineEntryBody } from '../transfers/schemas.ts';

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
      .describe('The fault to simulate; see the training guide.'),
  })
  .meta({ id: 'SimulatedTransfer' });

export const SimulatorAnswer = z.object({
  status: z.literal('transferred'),
  target: TargetBody.optional(),
  isFallback: z.boolean(),
  timeline: z.array(TimelineEntryBody),
});
