import { type ActionFilter, actionStates, skipReasons } from '@handover/core/actions';
import { Id, outcomeStatuses } from '@handover/core/transfer';
import { z } from 'zod';
import { endsOf, NOT_BEFORE, RangeQuery } from '../http/page.ts';
import { DeadLetterQuery, ReplayBody, ResolveBody } from './schemas.ts';

const MOST_IDS = 1_000;
const Instant = z.string().meta({ format: 'date-time' });

const { callId, status, reason, target, agent, key, kind } = DeadLetterQuery.shape;
const OfTransfers = z.strictObject({
  ...{ callId: callId.describe('Of this call.'), status, reason, target, agent, key, kind },
  ids: z
    .array(Id)
    .min(1)
    .max(MOST_IDS, `must be at most ${MOST_IDS} ids; use the other filters for more`)
    .optional()
    .describe('Only these dead letters.'),
  from: RangeQuery.shape.from.describe(
    'Dead letters since this time, inclusive; of a date, from its beginning (UTC).',
  ),
  to: RangeQuery.shape.to.describe(
    'Dead letters until this time, exclusive; of a date, until its end (UTC).',
  ),
  all: z.literal(true).optional().describe('Every dead letter of a transfer, without another filter.'),
});

type Given = z.output<typeof OfTransfers> & { billing?: true | undefined };
const OF_BILLING = new Set(['ids', 'from', 'to', 'billing']);

function checkFilter(given: Given, context: z.RefinementCtx): void {
  const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', path, message });
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : name));
  if (names.length === 0 && context.issues.length === 0)
    refuse('must have at least one field; `{"all": true}` means every dead letter');
  if (given.all === true && names.length > 1) refuse('must be alone', 'all');
  if (given.billing === true)
    for (const name of names) if (!OF_BILLING.has(name)) refuse('is no filter of billing', name);
  const { from, to } = endsOf(given);
  if (from >= to) refuse(NOT_BEFORE, 'from');
}

const about = 'Those that match every given field; at least one.';
const ReplayFilter = OfTransfers.extend({
  billing: z
    .literal(true)
    .optional()
    .describe('The dead letters of billing instead of transfers; only `ids`, `from` and `to` narrow them.'),
})
  .superRefine(checkFilter)
  .describe(about);
const ResolveFilter = OfTransfers.superRefine(checkFilter).describe(about);

const dryRun = z.boolean().default(false).describe('Only says which; changes nothing.');
const needed = (why: z.ZodString) =>
  why.default('').describe(`${why.description} Not needed with \`dryRun\`.`);

function checkReason(
  { dryRun, reason }: { dryRun: boolean; reason: string },
  context: z.RefinementCtx,
): void {
  if (!dryRun && reason === '') context.addIssue({ code: 'custom', path: ['reason'], message: 'is missing' });
}

export const ReplayManyBody = ReplayBody.extend({
  ...{ filter: ReplayFilter, dryRun, reason: needed(ReplayBody.shape.reason) },
})
  .superRefine(checkReason)
  .meta({ id: 'ReplayMany' });
export const ResolveManyBody = ResolveBody.extend({
  ...{ filter: ResolveFilter, dryRun, reason: needed(ResolveBody.shape.reason) },
})
  .superRefine(checkReason)
  .meta({ id: 'ResolveMany' });

/** The filter as core takes it. */
export function filterOf({ all: _, from, to, ids, ...rest }: Given): ActionFilter {
  const range = endsOf({ from, to });
  return {
    ...rest,
    ...(ids !== undefined && { ids: [...new Set(ids)] }),
    ...(from !== undefined && { from: range.from }),
    ...(to !== undefined && { to: range.to }),
  };
}

const Counts = z.record(z.string(), z.int());
const Skipped = z.partialRecord(z.enum(skipReasons), z.int());
const total = z.int().describe('How many match, and those of the given `ids` that are no dead letters.');

export const PreviewAnswer = z
  .object({
    dryRun: z.literal(true),
    total,
    byKind: Counts.describe('Of billing, by queue.'),
    byReason: Counts,
    skipped: Skipped.describe('How many of them would be left out, and why.'),
    ids: z.array(z.string()).describe('The first 1,000 that it would be done to, oldest first.'),
    more: z.boolean().describe('More match than one action takes (10,000): it takes the newest.'),
  })
  .meta({ id: 'ActionPreview' });

export const StartedAnswer = z
  .object({ id: z.string().describe('Of the action.') })
  .meta({ id: 'ActionStarted' });

export const ActionAnswer = z
  .object({
    id: z.string(),
    action: z.enum(['replay', 'resolve']),
    happened: z.boolean().optional().describe('Of a `resolve`.'),
    filter: OfTransfers.omit({ all: true }).extend({ billing: z.boolean().optional() }),
    reason: z.string(),
    actor: z.string().describe('`operator:anna`, `apiKey:ops`.'),
    status: z.enum(actionStates),
    total,
    done: z.int(),
    skipped: Skipped.describe('How many were left out, and why.'),
    failed: z.int().describe('How many ended with an unexpected error; the log has them.'),
    ended: z
      .partialRecord(z.enum(outcomeStatuses), z.int())
      .optional()
      .describe(
        'How the transfers that it replayed have ended since, by status. Absent if it has replayed none.',
      ),
    open: z.int().optional().describe('How many of them have not ended yet. Absent if it has replayed none.'),
    waitsFor: z.string().optional().describe('Why it rests, in words; it goes on by itself.'),
    startedAt: Instant,
    endedAt: Instant.nullable(),
  })
  .meta({ id: 'Action' });

export const ActionList = z.object({ items: z.array(ActionAnswer) });
export const ActionParams = z.object({ id: Id.describe('The id of an action.') });
