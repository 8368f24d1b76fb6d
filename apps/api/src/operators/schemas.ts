import { deadLetterKinds } from '@handover/core/transfer';
import { z } from 'zod';
import { BillingDeadLetterBody } from '../billing/schemas.ts';
import { Next } from '../http/page.ts';
import { TransferItem, TransferQuery, Why } from '../transfers/schemas.ts';

const Kind = z.enum(deadLetterKinds);

const DeadLetter = TransferItem.extend({
  kind: Kind.describe(
    '`held`: neither sent nor ended, since Redis may have lost the record of a sending. `contradicted`: the call was moved, although the transfer had ended otherwise.',
  ),
  since: z.string().meta({ format: 'date-time' }).describe('When it became a dead letter.'),
}).meta({ id: 'DeadLetter' });

export const DeadLetters = z
  .object({
    items: z.array(DeadLetter),
    next: Next,
    billing: z
      .array(BillingDeadLetterBody)
      .describe('On the first page, without a filter of transfers: the newest of billing, at most `limit`.'),
  })
  .meta({ id: 'DeadLetters' });

export const DeadLetterQuery = TransferQuery.extend({
  kind: Kind.optional().describe('Why it needs an operator.'),
}).describe('`from` and `to` are times at which it became a dead letter.');

export const ReplayBody = z
  .strictObject({ reason: Why.describe('The reason; kept in the timeline.') })
  .meta({ id: 'Replay' });
export const ResolveBody = z
  .strictObject({
    happened: z.boolean().describe('Was the call moved?'),
    reason: Why.describe('How the operator knows; kept in the timeline.'),
  })
  .meta({ id: 'Resolution' });
