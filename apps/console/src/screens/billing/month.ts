const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
/** How many months there are to choose from. */
const CHOICES = 13;

const named = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** The month (UTC) of a time in epoch ms, as the API names it: 2026-11. */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

export function isMonth(text: string | undefined): text is string {
  return text !== undefined && MONTH.test(text);
}

/** So many months later, or earlier. */
export function monthAfter(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return monthOf(Date.UTC(year, number - 1 + by));
}

/** November 2026. */
export function monthInWords(month: string): string {
  return named.format(new Date(`${month}-01`));
}

/** Where a month stands on this day: its numbers are final only once it is over. */
export type Stage = 'over' | 'so far' | 'to come';

/** The stage of a month. `now`: epoch ms. Pure. */
export function stageOf(month: string, now: number): Stage {
  const current = monthOf(now);
  if (month === current) return 'so far';
  return month < current ? 'over' : 'to come';
}

/** Its first and last day, both included. */
export function daysOf(month: string): { from: string; to: string } {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return { from: `${month}-01`, to: new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10) };
}

/** The latest months, the newest first, and the one that is shown if it is none of them. */
export function monthsToChoose(now: number, shown: string): string[] {
  const latest = Array.from({ length: CHOICES }, (_, index) => monthAfter(monthOf(now), -index));
  return latest.includes(shown) ? latest : [...latest, shown].sort().reverse();
}
