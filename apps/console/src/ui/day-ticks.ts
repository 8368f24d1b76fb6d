/** Room for a label such as 28 Nov, in pixels. */
const LABEL = 64;

const named = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });

/**
 * Which days a chart labels: all of them, or every second, third and so on, counted from the last one, as many as fit. Pure.
 * @param at epoch ms
 * @param width of the chart in pixels
 */
export function dayTicks(at: number[], width: number): number[] {
  const step = Math.max(1, Math.ceil((at.length * LABEL) / Math.max(width, LABEL)));
  return at.filter((_, index) => (at.length - 1 - index) % step === 0);
}

/** The day of a tick, in UTC as the day itself. `at`: epoch ms. */
export function dayName(at: number): string {
  return named.format(at);
}
