import type { BillingReport } from '@handover/client';
import type { Series } from '../../ui/chart.tsx';

export type Day = { day: string; blind: number; consult: number };

const DAY_MS = 86_400_000;

/**
 * A row for each day from the first to the last that is given, also for those without bills.
 * `to`: the last day at most, such as today.
 */
export function daysIn(
  { days }: Pick<BillingReport, 'days'>,
  { from, to }: { from: string; to: string },
): Day[] {
  const counted = new Map<string, Day>();
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    counted.set(day, { day, blind: 0, consult: 0 });
  }
  for (const { day, code, count } of days) {
    const row = counted.get(day);
    if (row !== undefined) row[code === 'TRANSFER_BLIND' ? 'blind' : 'consult'] += count;
  }
  return [...counted.values()];
}

/** Bars of the bills by code. */
export function billsByDay(days: Day[]): { at: number[]; series: Series[] } {
  return {
    at: days.map(({ day }) => Date.parse(day)),
    series: [
      { name: 'TRANSFER_BLIND', kind: 'bars', colour: 1, values: days.map(({ blind }) => blind) },
      { name: 'TRANSFER_CONSULT', kind: 'bars', colour: 2, values: days.map(({ consult }) => consult) },
    ],
  };
}
