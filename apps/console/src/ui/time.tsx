import { useNow } from './now.ts';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const toTheHour = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const ago = new Intl.RelativeTimeFormat(undefined, { numeric: 'always', style: 'short' });

/**
 * A time in the zone of who looks, with UTC on hover. `relative`: how long ago it was, or how soon it comes. `form`: `hour` for
 * the beginning of an hour, with its day; `day` for a time with its day even today.
 */
export function Time({
  at,
  relative = false,
  form,
}: {
  at: string;
  relative?: boolean;
  form?: 'hour' | 'day';
}) {
  const now = useNow(relative ? 1_000 : 60_000);
  const time = new Date(at);
  const utc = `${time.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
  const isToday = new Date(now).toDateString() === time.toDateString();
  const usual = form === 'hour' ? toTheHour : isToday && form === undefined ? clock : dayAndClock;
  const shown = relative ? relativeTo(time.getTime(), now) : usual.format(time);
  return (
    <time dateTime={at} title={utc}>
      {shown}
    </time>
  );
}

function relativeTo(time: number, now: number): string {
  const seconds = Math.round((time - now) / 1_000);
  if (Math.abs(seconds) < 60) return ago.format(seconds, 'second');
  if (Math.abs(seconds) < 3_600) return ago.format(Math.round(seconds / 60), 'minute');
  if (Math.abs(seconds) < 86_400) return ago.format(Math.round(seconds / 3_600), 'hour');
  return ago.format(Math.round(seconds / 86_400), 'day');
}

/** A duration in ms, as people say it. */
export function inWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
