const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0.4 s`, `3 min 5 s`, `2 h 10 min`, `4 d 1 h`. Pure. */
export function duration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < MINUTE) return `${(whole / SECOND).toFixed(1)} s`;
  const two = (big: number, bigName: string, small: number, smallName: string) =>
    `${Math.floor(whole / big)} ${bigName} ${Math.floor((whole % big) / small)} ${smallName}`;
  if (whole < HOUR) return two(MINUTE, 'min', SECOND, 's');
  return whole < DAY ? two(HOUR, 'h', MINUTE, 'min') : two(DAY, 'd', HOUR, 'h');
}

/** `2026-11-27 14:03:05`, in UTC. */
export function dateTime(iso: string): string {
  return new Date(iso).toISOString().slice(0, 19).replace('T', ' ');
}

/** `14:03:05`, in UTC. */
export function timeOfDay(iso: string): string {
  return new Date(iso).toISOString().slice(11, 19);
}
