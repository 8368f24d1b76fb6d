const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** The size of a number determines its unit: between these years the ranges of the units do not overlap. */
const EARLIEST_MS = Date.UTC(2000, 0);
const LATEST_MS = Date.UTC(2100, 0);
/** Seconds, milliseconds, microseconds, nanoseconds, each in milliseconds. */
const UNITS = [1_000, 1, 1e-3, 1e-6];

const DATE = String.raw`(?<year>\d{4})(?:-(?<month>\d\d)-(?<day>\d\d)|(?<basic>\d{4})|-?(?<ordinal>\d{3})|-?W(?<week>\d\d)-?(?<weekday>[1-7]))`;
const TIME = String.raw`(?<hour>\d\d)(?::?(?<minute>\d\d)(?::?(?<second>\d\d))?)?(?:[.,](?<fraction>\d+))?`;
const OFFSET = String.raw`(?:Z|(?<sign>[+\-−])(?<offsetHour>\d\d)(?::?(?<offsetMinute>\d\d))?)`;
/** A suffix of Java and RFC 9557, such as `[Europe/Berlin]`; ignored, since the offset counts. */
const ZONE = String.raw`(?:\[[^\[\]]{1,80}\])*`;
const ISO = new RegExp(`^${DATE}[T ]${TIME} ?${OFFSET}${ZONE}$`, 'i');
const DOT_NET = /^\/Date\((\d+)(?:[+-]\d{4})?\)\/$/;
const NUMBER = /^\d+(?:\.\d+)?(?:e\+?\d+)?$/i;

/**
 * Parses ISO 8601 or RFC 3339 with an offset, as Java, .NET and Go write it, a number of epoch seconds, ms, µs or ns (also as
 * text), or .NET's `/Date(…)/`. Returns epoch milliseconds, rounded down; `undefined` if invalid or without an offset, which
 * would be ambiguous. A leap second counts as the start of the next minute.
 */
export function parseInstant(value: unknown): number | undefined {
  if (typeof value === 'number') return parseNumber(value);
  if (typeof value !== 'string' || value.length > 200) return undefined;
  const text = value.trim();
  if (NUMBER.test(text)) return parseNumber(Number(text));
  const [, dotNet] = DOT_NET.exec(text) ?? [];
  if (dotNet !== undefined) return Number(dotNet);
  const { groups } = ISO.exec(text) ?? {};
  return groups && parseIso(groups);
}

function parseNumber(value: number): number | undefined {
  const unit = UNITS.find((ms) => value * ms >= EARLIEST_MS && value * ms < LATEST_MS);
  // Round to microseconds first: fractions of a second are not exact in floating point.
  return unit === undefined ? undefined : Math.floor(Math.round(value * unit * 1_000) / 1_000);
}

type Groups = Record<string, string | undefined>;

function parseIso(groups: Groups): number | undefined {
  const {
    hour,
    minute = '0',
    second = '0',
    fraction = '',
    sign,
    offsetHour = '0',
    offsetMinute = '0',
  } = groups;
  const dayMs = dayOf(groups);
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (dayMs === undefined || h > 24 || m > 59 || s > 60) return undefined;
  if (Number(offsetHour) > 18 || Number(offsetMinute) > 59) return undefined;
  // ISO 8601: the fraction belongs to the smallest part given.
  const partMs = groups.second !== undefined ? 1_000 : groups.minute !== undefined ? MINUTE_MS : HOUR_MS;
  const timeMs =
    h * HOUR_MS +
    m * MINUTE_MS +
    s * 1_000 +
    Math.floor(Number(`0.${fraction.slice(0, 9) || '0'}`) * partMs + 1e-7);
  if (h === 24 && timeMs !== DAY_MS) return undefined;
  const offsetMs = Number(offsetHour) * HOUR_MS + Number(offsetMinute) * MINUTE_MS;
  const at = dayMs + timeMs + (sign === '+' ? -offsetMs : offsetMs);
  return s < 60 || isLeapSecond(at) ? at : undefined;
}

/** The start of the day in UTC, for a calendar, ordinal or week date. */
function dayOf({ year, month, day, basic, ordinal, week, weekday }: Groups): number | undefined {
  const y = Number(year);
  if (week !== undefined) {
    // Week 1 is the one with January 4th.
    const fourth = Date.UTC(y, 0, 4);
    const monday =
      fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY_MS + (Number(week) - 1) * 7 * DAY_MS;
    const isOfYear = week !== '00' && new Date(monday + 3 * DAY_MS).getUTCFullYear() === y;
    return isOfYear ? monday + (Number(weekday) - 1) * DAY_MS : undefined;
  }
  if (ordinal !== undefined) {
    const at = Date.UTC(y, 0, Number(ordinal));
    return ordinal !== '000' && new Date(at).getUTCFullYear() === y ? at : undefined;
  }
  const [mm, dd] = [month ?? basic?.slice(0, 2), day ?? basic?.slice(2)].map(Number) as [number, number];
  const at = Date.UTC(y, mm - 1, dd);
  return new Date(at).getUTCMonth() === mm - 1 && new Date(at).getUTCDate() === dd ? at : undefined;
}

/** Leap seconds occur only at the end of a month in UTC; `at` is the moment after. */
function isLeapSecond(at: number): boolean {
  const after = new Date(Math.floor(at / 1_000) * 1_000);
  return after.getUTCDate() === 1 && at % DAY_MS < 1_000;
}
