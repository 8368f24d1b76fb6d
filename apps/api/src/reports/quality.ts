import { rowKinds } from '@handover/core/reports';
import { z } from 'zod';
import { RangeQuery } from '../http/page.ts';

const count = (about: string) => z.int().describe(about);
const percent = (about: string) => z.number().describe(about);
const Instant = z.iso.datetime();
const Id = z.string().min(1).max(200);

const figures = {
  successful: count('Transfers with the outcome `transferred`.'),
  fallbackUsed: count('Of these, to the fallback.'),
  failed: count('Outcomes `failed` and `expired`.'),
  expired: count('Of these, expired.'),
  etagConflicts: count('How often a call changed between reading and sending.'),
  totalTransfersAttempted: count('successful + failed.'),
  successRate: percent('In percent of the total; 0 if there is none.'),
  fallbackRate: percent('In percent of the successful; 0 if there is none.'),
  rejected: count('Rejected by a rule or by the platform; not part of the total.'),
  rejections: z.record(z.string(), z.int()).describe('Rejections by reason.'),
  failures: z.record(z.string(), z.int()).describe('Outcomes `failed` by reason.'),
  cancelled: count('Not part of the total.'),
  replayed: count(
    'How often an operator replayed a dead letter. Its outcome stays counted, and the next one counts too.',
  ),
  averageMs: count(
    'Of a successful transfer from its acceptance, `notBefore` or latest replay to its outcome, on average; absent without any. Not in what comes from the history.',
  ).optional(),
};

const QualityRowBody = z
  .object({
    minute: Instant.optional().describe('When it begins; with `by=minute`.'),
    hour: Instant.optional().describe('When it begins; with `by=hour`.'),
    day: z.iso.date().optional().describe('With `by=day`.'),
    queue: z.string().optional().describe('With `by=queue`.'),
    agent: z.string().optional().describe('With `by=agent`.'),
    key: z.string().optional().describe('With `by=key`.'),
    ...figures,
    rejections: z.record(z.string(), z.int()).describe('Rejections by reason, those that occurred.'),
    failures: z.record(z.string(), z.int()).describe('Outcomes `failed` by reason, those that occurred.'),
  })
  .meta({ id: 'QualityReportRow' });

export const QualityReport = z
  .object({
    ...figures,
    from: Instant.optional().describe(
      'The beginning of the first minute, hour or day; absent without a range.',
    ),
    to: Instant.optional().describe('The end of the last one, exclusive.'),
    rows: z
      .array(QualityRowBody)
      .optional()
      .describe('With `by`: one for each minute, hour, day, queue, agent or key.'),
    incomplete: z
      .string()
      .optional()
      .describe('What of the range is missing, and why; absent if nothing is.'),
  })
  .meta({ id: 'QualityReport' });

export const QualityQuerystring = RangeQuery.extend({
  by: z.enum(rowKinds).optional().describe('Adds a row for each of these.'),
  queue: Id.optional().describe('Only transfers that were to go to this queue.'),
  agent: Id.optional().describe('Only transfers of this agent (`userId`).'),
  key: Id.optional().describe('Only transfers that the API key with this name submitted.'),
});
