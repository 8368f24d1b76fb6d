import { cancellationReasons, failureReasons, outcomeStatuses, rejectionReasons } from '../transfer/words.ts';

/** How often each thing happened, by the names below; what did not happen may be absent. */
export type Counts = Readonly<Record<string, number>>;

/** Every name that is counted: outcomes, outcomes with their reason, and what happened on the way. */
export const countNames: readonly string[] = [
  ...outcomeStatuses,
  ...rejectionReasons.map((reason) => `rejected:${reason}`),
  ...failureReasons.map((reason) => `failed:${reason}`),
  ...cancellationReasons.map((reason) => `cancelled:${reason}`),
  ...['fallbackUsed', 'etagConflicts', 'replayed', 'timed', 'tookMs'],
];

/** The figures of the QA report. */
export type Quality = {
  successful: number;
  fallbackUsed: number;
  failed: number;
  expired: number;
  etagConflicts: number;
  totalTransfersAttempted: number;
  successRate: number;
  fallbackRate: number;
  rejected: number;
  rejections: Record<string, number>;
  /** Of the outcomes `failed`, by reason. */
  failures: Record<string, number>;
  cancelled: number;
  replayed: number;
  /** Of a successful one, from its acceptance, the time before which it was not to begin, or its latest replay, to its outcome. */
  averageMs?: number;
};

/**
 * The figures of these counts, by the definition that the dashboards and alerts share: what was attempted is what succeeded
 * and what failed or expired; rejected and cancelled transfers are no part of it. Rates in percent.
 */
export function qualityOf(counts: Counts): Quality {
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
    failures: Object.fromEntries(failureReasons.map((reason) => [reason, of(`failed:${reason}`)])),
    cancelled: of('cancelled'),
    replayed: of('replayed'),
    ...(of('timed') > 0 && { averageMs: Math.round(of('tookMs') / of('timed')) }),
  };
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}

/** The sum of these counts, name by name. */
export function sumOf(all: Iterable<Counts>): Counts {
  const sum: Record<string, number> = {};
  for (const counts of all)
    for (const [name, value] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}
