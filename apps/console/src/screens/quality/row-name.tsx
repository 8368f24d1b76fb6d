import { Time } from '../../ui/time.tsx';
import { nameOf, type Row } from './figures.ts';
import type { Grouping } from './view.ts';

const day = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
});

/** What a row is about: an hour in the zone of who looks, a day in UTC, or a name. */
export function RowName({ row, by }: { row: Row; by: Grouping }) {
  const name = nameOf(row, by);
  if (by === 'hour') return <Time at={name} form="hour" />;
  if (by === 'day') return <time dateTime={name}>{day.format(new Date(name))}</time>;
  return <bdi>{name}</bdi>;
}
