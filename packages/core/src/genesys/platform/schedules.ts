import { RRuleTemporal } from 'rrule-temporal';
import { z } from 'zod';
import { Text } from '../http/answers.ts';

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/;
const LocalTime = z.string().regex(LOCAL, 'is not a local time');

/** A period that may recur (`Schedule`): local times without a zone, and a recurrence rule. */
export const Schedule = z.looseObject({
  id: Text,
  name: z.string().nullish(),
  state: z.string().nullish(),
  start: LocalTime,
  end: LocalTime,
  rrule: z.string().refine(isRule, 'is no recurrence rule').nullish(),
});

const Refs = z.array(z.looseObject({ id: Text })).nullish();

/** The hours of a business (`ScheduleGroup`). */
export const ScheduleGroup = z.looseObject({
  id: Text,
  name: z.string().nullish(),
  timeZone: z.string().refine(isTimeZone, 'is no time zone'),
  openSchedules: Refs,
  closedSchedules: Refs,
  holidaySchedules: Refs,
});

/** A schedule as remembered; times are wall-clock times as milliseconds, as if they were UTC. */
export type Period = { name: string; start: number; end: number; rule: string | null };
export const kinds = ['open', 'closed', 'holiday'] as const;
/** A schedule group as remembered, with its schedules. */
export type Hours = { name: string; timeZone: string } & Record<(typeof kinds)[number], Period[]>;

/** `undefined` for a schedule that does not apply. Pure. */
export function toPeriod({
  id,
  name,
  state,
  start,
  end,
  rrule,
}: z.infer<typeof Schedule>): Period | undefined {
  if (state != null && state !== 'active') return undefined;
  const rule = rrule == null || rrule.trim() === '' ? null : plainRule(rrule);
  return { name: name ?? id, start: fromLocal(start), end: fromLocal(end), rule };
}

/**
 * Why a business is closed at this time; `undefined` if it is open. A holiday comes before a closed schedule, and that before
 * an open one. Times are those of the clock on its wall: a schedule from 8 to 18 is that on the day of a clock change too. Pure.
 */
export function whyClosed(hours: Hours, at: number): string | undefined {
  const now = wallClock(at, hours.timeZone);
  const why = whyClosedAt(hours, now);
  if (why === undefined) return undefined;
  const until = nextOpening(hours, now);
  const zone = `(${hours.timeZone})`;
  return `${why}${until === undefined ? '' : ` until ${toLocal(until)} ${zone}`}`;
}

function whyClosedAt(hours: Hours, now: number): string | undefined {
  const covers = (period: Period) => isWithin(period, now);
  const holiday = hours.holiday.find(covers);
  if (holiday !== undefined) return `holiday ${holiday.name} of schedule group ${hours.name}`;
  const closed = hours.closed.find(covers);
  if (closed !== undefined) return `schedule ${closed.name} of schedule group ${hours.name}`;
  return hours.open.some(covers) ? undefined : `outside schedule group ${hours.name}`;
}

const MOST_LOOKED_AT = 20;

/** The first change of the schedules after which it is open, as a wall-clock time; `undefined` if that is far away. */
function nextOpening(hours: Hours, now: number): number | undefined {
  let from = now;
  for (let looks = 0; looks < MOST_LOOKED_AT; looks += 1) {
    const changes = kinds.flatMap((kind) => hours[kind]).flatMap((period) => nextChange(period, from) ?? []);
    if (changes.length === 0) return undefined;
    from = Math.min(...changes);
    if (whyClosedAt(hours, from) === undefined) return from;
  }
  return undefined;
}

/** When this period begins or ends next. */
function nextChange(period: Period, after: number): number | undefined {
  const running = lastStart(period, after);
  const end = running === undefined ? undefined : running + period.end - period.start;
  const next = nextStart(period, after);
  const later = [end, next].flatMap((time) => (time !== undefined && time > after ? [time] : []));
  return later.length === 0 ? undefined : Math.min(...later);
}

function isWithin(period: Period, now: number): boolean {
  const start = lastStart(period, now);
  return start !== undefined && now < start + period.end - period.start;
}

/** When it began last, at or before this time. */
function lastStart({ start, rule }: Period, at: number): number | undefined {
  if (start > at) return undefined;
  if (rule === null) return start;
  return seek(() => ruleFrom(rule, start).previous(new Date(at), true));
}

function nextStart({ start, rule }: Period, after: number): number | undefined {
  if (rule === null) return start > after ? start : undefined;
  return seek(() => ruleFrom(rule, start).next(new Date(after), false));
}

/** `undefined` also where the library gives up: such a rule has no time within reach. */
function seek(find: () => { epochMilliseconds: number } | null): number | undefined {
  try {
    return find()?.epochMilliseconds;
  } catch {
    return undefined;
  }
}

/** A bound for rules without an end in sight, such as every 30th of February. */
const MOST_ITERATIONS = 5_000;

function ruleFrom(rule: string, start: number): RRuleTemporal {
  const dtstart = toLocal(start, 19).replaceAll(/[-:]/g, '').replace(' ', 'T');
  return new RRuleTemporal({
    rruleString: `DTSTART;TZID=UTC:${dtstart}\nRRULE:${rule}`,
    maxIterations: MOST_ITERATIONS,
  });
}

/** Without a name before it; `UNTIL` is a wall-clock time too, and the library wants it marked as UTC. */
function plainRule(rrule: string): string {
  return rrule
    .trim()
    .replace(/^RRULE:/i, '')
    .replace(/(UNTIL=\d{8}T\d{6})(?!Z)/i, '$1Z');
}

function isRule(rrule: string): boolean {
  if (rrule.trim() === '') return true;
  const start = Date.UTC(2026, 0, 1);
  try {
    ruleFrom(plainRule(rrule), start).next(new Date(start), true);
    return true;
  } catch {
    return false;
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) !== undefined;
  } catch {
    return false;
  }
}

/** What a clock in this time zone shows, as if it were UTC. */
function wallClock(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  }).formatToParts(at);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return Date.parse(
    `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}Z`,
  );
}

function fromLocal(local: string): number {
  return Date.parse(`${local}Z`);
}

const TO_THE_MINUTE = 16;

function toLocal(time: number, length = TO_THE_MINUTE): string {
  return new Date(time).toISOString().slice(0, length).replace('T', ' ');
}
