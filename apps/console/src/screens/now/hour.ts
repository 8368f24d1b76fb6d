import type { QualityReport } from '@handover/client';

type Row = NonNullable<QualityReport['rows']>[number];
/** What a row of a minute tells. */
export type Minute = Pick<
  Row,
  'minute' | 'successful' | 'failed' | 'rejected' | 'expired' | 'cancelled' | 'averageMs'
>;

const OUTCOMES = ['transferred', 'failed', 'expired', 'rejected', 'cancelled'] as const;
export type EndName = (typeof OUTCOMES)[number];
export const endNames: readonly EndName[] = OUTCOMES;

/** An hour, minute by minute; the last one is not over. */
export type Hour = {
  /** When each minute begins, in epoch ms. */
  at: number[];
  ends: Record<EndName, number[]>;
  /** All ends of each minute. */
  rate: number[];
  /** How long those that moved their call took on average; null where there is none. */
  averageMs: (number | null)[];
  totals: Record<EndName, number> & { ended: number; averageMs: number | null };
};

const MINUTE_MS = 60_000;
const MINUTES = 60;

/** The last hour from rows of minutes, which leave out those in which nothing ended. */
export function hourOf(rows: readonly Minute[], now: number): Hour {
  const last = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const at = Array.from({ length: MINUTES }, (_, index) => last - (MINUTES - 1 - index) * MINUTE_MS);
  const byMinute = new Map(rows.map((row) => [Date.parse(row.minute ?? ''), row]));
  const minutes = at.map((time) => byMinute.get(time));
  const counts = minutes.map(endsOf);
  const series = (name: EndName) => counts.map((ends) => ends[name]);
  const ends: Hour['ends'] = {
    transferred: series('transferred'),
    failed: series('failed'),
    expired: series('expired'),
    rejected: series('rejected'),
    cancelled: series('cancelled'),
  };
  const rate = counts.map((one) => sumOf(Object.values(one)));
  const timed = minutes.flatMap((row) =>
    row?.averageMs === undefined ? [] : [{ ms: row.averageMs, count: row.successful }],
  );
  const timedCount = sumOf(timed.map(({ count }) => count));
  return {
    at,
    ends,
    rate,
    averageMs: minutes.map((row) => row?.averageMs ?? null),
    totals: {
      transferred: sumOf(ends.transferred),
      failed: sumOf(ends.failed),
      expired: sumOf(ends.expired),
      rejected: sumOf(ends.rejected),
      cancelled: sumOf(ends.cancelled),
      ended: sumOf(rate),
      averageMs: timedCount === 0 ? null : sumOf(timed.map(({ ms, count }) => ms * count)) / timedCount,
    },
  };
}

/** The report counts the expired among the failed; here each stands for itself. */
function endsOf(row: Minute | undefined): Record<EndName, number> {
  if (row === undefined) return { transferred: 0, failed: 0, expired: 0, rejected: 0, cancelled: 0 };
  const { successful: transferred, failed, expired, rejected, cancelled } = row;
  return { transferred, failed: failed - expired, expired, rejected, cancelled };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
