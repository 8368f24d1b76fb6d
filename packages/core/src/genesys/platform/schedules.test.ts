import { describe, expect, test } from 'vitest';
import { type Hours, type Period, Schedule, ScheduleGroup, toPeriod, whyClosed } from './schedules.ts';

const BERLIN = 'Europe/Berlin';
const WORKDAYS = 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;INTERVAL=1';

function period(name: string, start: string, end: string, rrule?: string): Period {
  const found = toPeriod(Schedule.parse({ id: name, name, start, end, rrule }));
  if (found === undefined) throw new Error('does not apply');
  return found;
}

const office = period('Office', '2026-01-05T08:00:00.000', '2026-01-05T18:00:00.000', WORKDAYS);

function hours(given: Partial<Hours> = {}): Hours {
  return { name: 'Office hours', timeZone: BERLIN, open: [office], closed: [], holiday: [], ...given };
}

const at = (time: string) => Date.parse(time);

describe('within and outside open schedules', () => {
  test.each([
    [
      '2026-11-27T07:00:00+01:00',
      'outside schedule group Office hours until 2026-11-27 08:00 (Europe/Berlin)',
    ],
    [
      '2026-11-27T07:59:59+01:00',
      'outside schedule group Office hours until 2026-11-27 08:00 (Europe/Berlin)',
    ],
    ['2026-11-27T08:00:00+01:00', undefined],
    ['2026-11-27T17:59:59+01:00', undefined],
    [
      '2026-11-27T18:00:00+01:00',
      'outside schedule group Office hours until 2026-11-30 08:00 (Europe/Berlin)',
    ],
    [
      '2026-11-28T12:00:00+01:00',
      'outside schedule group Office hours until 2026-11-30 08:00 (Europe/Berlin)',
    ],
    [
      '2025-06-01T12:00:00+02:00',
      'outside schedule group Office hours until 2026-01-05 08:00 (Europe/Berlin)',
    ],
  ])('%s: %s', (time, why) => {
    expect(whyClosed(hours(), at(time))).toBe(why);
  });

  test('one without a rule happens once, and never again', () => {
    const open = [period('Fair', '2026-11-27T08:00', '2026-11-28T20:00:00')];
    expect(whyClosed(hours({ open }), at('2026-11-28T03:00:00+01:00'))).toBeUndefined();
    expect(whyClosed(hours({ open }), at('2026-11-28T20:00:00+01:00'))).toBe(
      'outside schedule group Office hours',
    );
  });

  test('a shift over midnight belongs to the day on which it begins', () => {
    const open = [period('Night', '2026-01-02T22:00:00', '2026-01-03T06:00:00', 'FREQ=WEEKLY;BYDAY=FR')];
    expect(whyClosed(hours({ open }), at('2026-11-28T05:59:00+01:00'))).toBeUndefined();
    expect(whyClosed(hours({ open }), at('2026-11-29T05:00:00+01:00'))).toContain('until 2026-12-04 22:00');
  });

  test('no open schedule at all is closed', () => {
    expect(whyClosed(hours({ open: [] }), at('2026-11-27T12:00:00Z'))).toBe(
      'outside schedule group Office hours',
    );
  });
});

describe('precedence', () => {
  const christmas = period(
    ...([
      'Christmas',
      '2020-12-25T00:00:00',
      '2020-12-27T00:00:00',
      'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25',
    ] as const),
  );
  const lunch = period('Lunch', '2026-01-01T12:00:00', '2026-01-01T13:00:00', 'FREQ=DAILY');

  test('a holiday comes before open hours, and ends when they begin again', () => {
    const given = hours({ holiday: [christmas], closed: [lunch] });
    expect(whyClosed(given, at('2026-12-25T12:30:00+01:00'))).toBe(
      'holiday Christmas of schedule group Office hours until 2026-12-28 08:00 (Europe/Berlin)',
    );
    expect(whyClosed(given, at('2026-12-24T11:00:00+01:00'))).toBeUndefined();
    expect(whyClosed(given, at('2026-12-24T18:30:00+01:00'))).toContain('until 2026-12-28 08:00');
  });

  test('a closed schedule comes before open hours', () => {
    expect(whyClosed(hours({ closed: [lunch] }), at('2026-11-27T12:30:00+01:00'))).toBe(
      'schedule Lunch of schedule group Office hours until 2026-11-27 13:00 (Europe/Berlin)',
    );
  });
});

describe('clock changes', () => {
  test('the hours are those of the clock on the wall, in summer and in winter', () => {
    for (const [time, isOpen] of [
      ['2026-03-27T07:00:00Z', true],
      ['2026-03-27T06:59:59Z', false],
      // The Monday after the change: 8:00 is an hour earlier by UTC.
      ['2026-03-30T06:00:00Z', true],
      ['2026-03-30T05:59:59Z', false],
      ['2026-03-30T16:00:00Z', false],
      ['2026-10-26T06:59:59Z', false],
      ['2026-10-26T07:00:00Z', true],
    ] as const)
      expect([time, whyClosed(hours(), at(time)) === undefined]).toEqual([time, isOpen]);
  });

  test('on the day itself an open schedule of 24 h has 23 or 25, without a gap', () => {
    const open = [period('Day', '2026-01-01T00:00:00', '2026-01-02T00:00:00', 'FREQ=WEEKLY;BYDAY=SU')];
    const openHours = (day: string) => {
      const start = at(`${day}T00:00:00Z`) - 6 * 3_600_000;
      const half = Array.from({ length: 80 }, (_, index) => start + index * 1_800_000);
      return half.filter((time) => whyClosed(hours({ open }), time) === undefined).length / 2;
    };
    expect(openHours('2026-03-29')).toBe(23);
    expect(openHours('2026-10-25')).toBe(25);
    expect(openHours('2026-11-29')).toBe(24);
  });

  test('the time zone decides', () => {
    const noon = at('2026-11-27T12:00:00Z');
    expect(whyClosed(hours({ timeZone: 'Asia/Tokyo' }), noon)).toContain(
      'until 2026-11-30 08:00 (Asia/Tokyo)',
    );
    expect(whyClosed(hours({ timeZone: 'America/Sao_Paulo' }), noon)).toBeUndefined();
  });
});

describe('recurrence', () => {
  const isOpen = (rrule: string, time: string) =>
    whyClosed(
      hours({ open: [period('x', '2026-01-07T08:00:00', '2026-01-07T18:00:00', rrule)] }),
      at(time),
    ) === undefined;

  test.each([
    ['FREQ=DAILY;INTERVAL=2', '2026-01-09', '2026-01-08'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR', '2026-01-19', '2026-01-12'],
    ['FREQ=MONTHLY;BYMONTHDAY=31', '2026-03-31', '2026-04-30'],
    ['FREQ=MONTHLY;BYDAY=-1FR', '2026-11-27', '2026-11-20'],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1', '2026-12-01', '2026-12-02'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', '2028-02-29', '2027-03-01'],
    ['RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH', '2026-11-26', '2026-11-27'],
    ['FREQ=DAILY;COUNT=3', '2026-01-09', '2026-01-10'],
    ['FREQ=DAILY;UNTIL=20260131T235959', '2026-01-31', '2026-02-01'],
    ['FREQ=DAILY;UNTIL=20260131T235959Z', '2026-01-31', '2026-02-01'],
    ['FREQ=DAILY;UNTIL=20260131', '2026-01-30', '2026-02-01'],
  ])('%s: on %s, not on %s', (rrule, day, other) => {
    expect(isOpen(rrule, `${day}T12:00:00+01:00`)).toBe(true);
    expect(isOpen(rrule, `${other}T12:00:00+01:00`)).toBe(false);
  });

  test('begun many years ago', () => {
    const old = period('Old', '1999-01-04T08:00:00', '1999-01-04T18:00:00', WORKDAYS);
    expect(whyClosed(hours({ open: [old] }), at('2026-11-27T12:00:00+01:00'))).toBeUndefined();
  });
});

describe('what cannot be read', () => {
  const start = '2026-01-05T08:00:00';
  test.each([
    ['nonsense'],
    ['FREQ=FORTNIGHTLY'],
    ['FREQ=DAILY;INTERVAL=0'],
    ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'],
    ['FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30'],
  ])('is no rule: %s', (rrule) => {
    expect(Schedule.safeParse({ id: 's', start, end: start, rrule }).success).toBe(false);
  });

  test('is no time, or no time zone', () => {
    expect(Schedule.safeParse({ id: 's', start: `${start}Z`, end: start }).success).toBe(false);
    for (const timeZone of ['', 'Europe/Atlantis', undefined])
      expect(ScheduleGroup.safeParse({ id: 'g', timeZone }).success).toBe(false);
  });

  test('a schedule that was deleted does not apply', () => {
    expect(toPeriod(Schedule.parse({ id: 's', start, end: start, state: 'deleted' }))).toBeUndefined();
    expect(toPeriod(Schedule.parse({ id: 's', start, end: start, state: 'active' }))).toBeDefined();
  });
});
