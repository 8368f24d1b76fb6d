/** Whether the first of two days, or times, is after the last. Both are of one form, or cut to their days. Pure. */
export function isReversed(from: string | undefined, to: string | undefined): boolean {
  if (from === undefined || to === undefined) return false;
  const length = Math.min(from.length, to.length);
  return from.slice(0, length) > to.slice(0, length);
}
