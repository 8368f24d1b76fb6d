import type { ReportCounts } from '@handover/core/redis';
import { rejectionReasons } from '@handover/core/transfer';
import { z } from 'zod';

const count = (about: string) => z.int().describe(about);
const percent = (about: string) => z.number().describe(about);

export const QualityReport = z
  .object({
    successful: count('Transfers that happened.'),
    fallbackUsed: count('Of these, by the fallback.'),
    failed: count('Outcomes failed and expired.'),
    expired: count('Of these, expired.'),
    etagConflicts: count('Times that a call changed between reading and sending.'),
    totalTransfersAttempted: count('successful + failed.'),
    successRate: percent('In percent of the total; 0 when there was none.'),
    fallbackRate: percent('In percent of the successful; 0 when there was none.'),
    rejected: count('A rule or the platform said no; not part of the total.'),
    rejections: z.record(z.string(), z.int()).describe('The rejected by reason.'),
    cancelled: count('Not part of the total.'),
  })
  .meta({ id: 'QualityReport' });

/** The QA report from the counters of the live lane: over all workers, surviving restarts. Rates in percent. */
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
