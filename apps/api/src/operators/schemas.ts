import { z } from 'zod';
import { BillingDeadLetterBody } from '../billing/schemas.ts';
import { TransferAnswer } from '../transfers/schemas.ts';

export const DeadLetter = TransferAnswer.extend({
  kind: z
    .enum(['failed', 'unconfirmed', 'held', 'contradicted'])
    .describe(
      '`held`: neither sent nor ended, since Redis may have lost the record of a sending. `contradicted`: the call was moved, although the transfer had ended otherwise.',
    ),
}).meta({ id: 'DeadLetter' });
export const DeadLetters = z
  .object({ items: z.array(DeadLetter), billing: z.array(BillingDeadLetterBody) })
  .meta({ id: 'DeadLetters' });

const Why = z.string().trim().min(1).max(500);
export const ReplayBody = z
  .strictObject({ reason: Why.describe('The reason; kept in the timeline.') })
  .meta({ id: 'Replay' });
export const ResolveBody = z
  .strictObject({
    happened: z.boolean().describe('Was the call moved?'),
    reason: Why.describe('How the operator knows; kept in the timeline.'),
  })
  .meta({ id: 'Resolution' });
