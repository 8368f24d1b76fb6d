import type { ReportCounts } from '@handover/core/redis';
import { rejectionReasons } from '@handover/core/transfer';
import { z } from 'zod';

const count = (about: string) => z.int().describe(about);
const percent = (about: string) => z.number().describe(about);

export const QualityReport = z
  .object({
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
    cancelled: count('Not part of the total.'),
  })
  .meta({ id: 'QualityReport' });

/** The QA report from the counters of the live lane, over all workers and restarts. Rates in percent. */
export function qualityReport(counts: ReportCounts): z.infer<typeof QualityReport> {
  const of = (name: string) => counts[name] ?? 0;
  const successful = of('transferred');
  const failed = of('failed') + of('expired');
  const totalTransfersAttempted = successful + failed;
  return {
    successful,
    fallbackUsed: of('fallbackUsed'),
    failed,
    expired: of('expired'),
    etagConflicts: of('etagConflicts'),
    totalTransfersAttempted,
    successRate: rate(successful, totalTransfersAttempted),
    fallbackRate: rate(of('fallbackUsed'), successful),
    rejected: of('rejected'),
    rejections: Object.fromEntries(rejectionReasons.map((reason) => [reason, of(`rejected:${reason}`)])),
    cancelled: of('cancelled'),
  };
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}
