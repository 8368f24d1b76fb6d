import { describe, expect, test } from 'vitest';
import { longestWait, parseHttpDate, parseRetryAfter } from './retry-after.ts';

describe('Retry-After', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  test.each<[string, number | undefined]>([
    ['1', 1_000],
    [' 30 ', 30_000],
    ['1.5', 1_500],
    ['99999999999999999999', 1e23],
    ['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
    ['2026-11-22T10:00:05Z', 5_000],
    ['', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['Infinity', undefined],
    ['NaN', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['5;6', undefined],
  ])('"%s" means %s ms', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });

  // A wait of nothing would send everybody off again at once, and a hold-off burns no attempt: an endless burst.
  test.each(['0', '0.0', 'Sun, 22 Nov 2026 09:59:00 GMT', 'soon 5'])('"%s" says nothing usable', (value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined();
  });
});

const AT = Date.parse('2026-11-22T10:00:30Z');

describe('an HTTP date', () => {
  test.each([
    'Sun, 22 Nov 2026 10:00:30 GMT',
    'sun, 22 nov 2026 10:00:30 gmt',
    'Sunday, 22-Nov-26 10:00:30 GMT',
    'Sun Nov 22 10:00:30 2026',
    ' Sun, 22 Nov 2026 10:00:30 GMT ',
    // Not by the letter, and meant so.
    'Sun, 22-Nov-2026 10:00:30 GMT',
    '22 Nov 2026 10:00:30 GMT',
    'Sun, 22 Nov 2026 10:00:30 UTC',
    'Sun, 22 Nov 2026 10:00:30 +0000',
    '2026-11-22T10:00:30Z',
    '2026-11-22T10:00:30.000Z',
    '2026-11-22T11:00:30+01:00',
  ])('is read in whatever zone we are: %s', (text) => {
    expect(parseHttpDate(text)).toBe(AT);
  });

  test('of one digit a day', () => {
    const at = Date.parse('1994-11-06T08:49:37Z');
    for (const text of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ])
      expect(parseHttpDate(text), text).toBe(at);
  });

  test.each(['', 'now', '0', '-1', 'Sun, 22 Foo 2026 10:00:30 GMT', 'Sun, 22 Nov 2026', '1795341630'])(
    '"%s" is none',
    (text) => {
      expect(parseHttpDate(text)).toBeUndefined();
    },
  );

  test('without a zone is none, but in the form of asctime', () => {
    expect(parseHttpDate('Sun, 22 Nov 2026 10:00:30')).toBeUndefined();
    expect(parseHttpDate('2026-11-22T10:00:30')).toBeUndefined();
    // Local time, of an unknown zone.
    expect(parseHttpDate('Sun, 22 Nov 2026 10:00:30 PST')).toBeUndefined();
  });
});

describe('a Retry-After by another clock', () => {
  const HOUR = 3_600_000;

  test.each([-26 * HOUR, -3 * 60_000, 0, 3 * 60_000, 26 * HOUR])(
    'that is %i ms off ours is measured by the Date of the same answer',
    (off) => {
      const forms = (at: number) => [new Date(at).toUTCString(), asctime(at), new Date(at).toISOString()];
      for (const wait of forms(AT + 8_000))
        for (const date of forms(AT))
          expect(longestWait([wait], date, AT + off), `${wait}, ${date}`).toBe(8_000);
    },
  );

  test.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['is no date', 'yesterday'],
    ['is a number', '1795341630'],
  ])('is measured by ours where the Date %s', (_, date) => {
    expect(longestWait([new Date(AT + 8_000).toUTCString()], date, AT)).toBe(8_000);
  });

  test('needs no Date where it tells seconds', () => {
    expect(longestWait(['8'], new Date(AT - HOUR).toUTCString(), AT)).toBe(8_000);
  });

  test('says nothing where it is over already by that Date', () => {
    expect(
      longestWait([new Date(AT).toUTCString()], new Date(AT + 1_000).toUTCString(), AT - HOUR),
    ).toBeUndefined();
  });

  test('counts the longest of several, and none of none', () => {
    const soon = new Date(AT + 5_000).toUTCString();
    expect(longestWait(['2', soon, 'soon'], new Date(AT).toUTCString(), AT)).toBe(5_000);
    expect(longestWait(['60', soon], undefined, AT)).toBe(60_000);
    expect(longestWait([], new Date(AT).toUTCString(), AT)).toBeUndefined();
  });
});

/** `Sun Nov  6 08:49:37 1994` */
function asctime(at: number): string {
  const [day = '', date = '', month, year, time] = new Date(at).toUTCString().split(' ');
  return `${day.replace(',', '')} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`;
}
