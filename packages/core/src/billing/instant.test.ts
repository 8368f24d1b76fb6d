import { describe, expect, test } from 'vitest';
import { parseInstant } from './instant.ts';

const AT = Date.UTC(2026, 10, 27, 0, 40, 12);
const MS = AT + 123;

test.each<[string | number, number]>([
  ['2026-11-27T00:40:12Z', AT],
  ['2026-11-27t00:40:12z', AT],
  ['2026-11-27 00:40:12Z', AT],
  ['2026-11-27 00:40:12 +00:00', AT],
  [' 2026-11-27T00:40:12Z\n', AT],
  ['2026-11-27T00:40:12.1Z', AT + 100],
  ['2026-11-27T00:40:12.12Z', AT + 120],
  ['2026-11-27T00:40:12.123Z', MS],
  ['2026-11-27T00:40:12,123Z', MS],
  ['2026-11-27T00:40:12.123456Z', MS],
  ['2026-11-27T00:40:12.1239999Z', MS],
  ['2026-11-27T00:40:12.123999999Z', MS],
  ['2026-11-27T00:40:12.000000001Z', AT],
  ['2026-11-27T01:40:12+01:00', AT],
  ['2026-11-27T01:40:12+0100', AT],
  ['2026-11-27T01:40:12+01', AT],
  ['2026-11-27T06:10:12+05:30', AT],
  ['2026-11-26T19:40:12-05:00', AT],
  ['2026-11-26T19:40:12−05:00', AT],
  ['2026-11-27T00:40:12-00:00', AT],
  ['2026-11-27T01:40:12.123+01:00[Europe/Berlin]', MS],
  ['2026-11-27T00:40:12Z[UTC][u-ca=iso8601]', AT],
  ['2026-11-27T00:40Z', AT - 12_000],
  ['2026-11-27T00:40+00:00', AT - 12_000],
  ['2026-11-27T00Z', AT - 2_412_000],
  ['2026-11-27T00:40.5Z', AT + 18_000],
  ['2026-11-27T00,5Z', Date.UTC(2026, 10, 27, 0, 30)],
  ['20261127T004012Z', AT],
  ['20261127T004012.123+0000', MS],
  ['2026-331T00:40:12Z', AT],
  ['2026331T004012Z', AT],
  ['2026-W48-5T00:40:12Z', AT],
  ['2026W485T004012Z', AT],
  ['2024-12-30T00:00:00Z', Date.UTC(2024, 11, 30)],
  ['2025-W01-1T00:00:00Z', Date.UTC(2024, 11, 30)],
  ['2026-W53-7T00:00:00Z', Date.UTC(2027, 0, 3)],
  ['2024-366T00:00:00Z', Date.UTC(2024, 11, 31)],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ['2026-11-26T24:00:00Z', Date.UTC(2026, 10, 27)],
  ['2026-12-31T24:00Z', Date.UTC(2027, 0, 1)],
  ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
  ['2017-01-01T00:59:60.5+01:00', Date.UTC(2017, 0, 1) + 500],
  [MS, MS],
  [String(MS), MS],
  [MS / 1_000, MS],
  [AT / 1_000, AT],
  [`${AT / 1_000}.123456789`, MS],
  [MS * 1_000 + 456, MS],
  [`${MS}456789`, MS],
  ['1.795740012123E12', 1_795_740_012_123],
  [`/Date(${MS})/`, MS],
  [`/Date(${MS}+0100)/`, MS],
])('%j is a moment', (value, at) => {
  expect(parseInstant(value)).toBe(at);
});

test.each([
  ...[
    '2026-11-27T00:40:12',
    '2026-11-27 00:40:12',
    '20261127T004012',
    '2026-11-27',
    '20261127004012',
    '20261127',
  ],
  ...['2026-02-30T00:00:00Z', '2026-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-00-10T00:00:00Z'],
  ...['2026-11-00T00:00:00Z', '2026-366T00:00:00Z', '2026-000T00:00:00Z', '2025-W53-1T00:00:00Z'],
  ...['2026-W00-1T00:00:00Z', '2026-W48-8T00:00:00Z', '2026-11-27T25:00:00Z', '2026-11-27T24:00:01Z'],
  ...['2026-11-27T24:00:00.5Z', '2026-11-27T00:60:00Z', '2026-11-27T00:00:61Z', '2026-11-27T00:40:60Z'],
  ...[
    '2026-11-27T23:59:60Z',
    '2026-12-31T23:59:60+01:00',
    '2026-11-27T00:40:12.Z',
    '2026-11-27T00:40:12+19:00',
  ],
  ...['2026-11-27T00:40:12+01:60', '2026-11-27T00:40:12 CET', '2026-11-27T00:40:12Z[', '2026-11-27T0:40:12Z'],
  ...['27.11.2026 00:40:12Z', '11/27/2026 00:40:12Z', 'Fri, 27 Nov 2026 00:40:12 GMT', 'now', '', ' ', 'NaN'],
  ...['-1', '0', 'Infinity', '/Date(soon)/', `2026-11-27T00:40:12.${'1'.repeat(300)}Z`],
  ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY, 12, null, undefined, true, [2026, 11, 27, 0, 40], {}],
])('%j is none', (value) => {
  expect(parseInstant(value)).toBeUndefined();
});

describe('whatever the moment', () => {
  /** Fixed steps through ninety years, which meet every month, weekday and hour. */
  const moments = Array.from({ length: 2_000 }, (_, index) => Date.UTC(2001, 0) + index * 1_400_000_123);

  test('each of its forms gives it back', () => {
    for (const at of moments) {
      const iso = new Date(at).toISOString();
      const shifted = new Date(at + 19_800_000).toISOString().replace('Z', '');
      const [date = '', time = ''] = iso.split('T');
      const dayOfYear = Math.floor((at - Date.UTC(Number(date.slice(0, 4)), 0)) / 86_400_000) + 1;
      const forms = [
        ...[iso, iso.toLowerCase(), iso.replace('T', ' '), iso.replace('.', ','), iso.replace(/[-:]/g, '')],
        ...[`${shifted}+05:30`, `${shifted}+0530`, `${shifted}000000+05:30[Asia/Kolkata]`],
        ...[`${date.slice(0, 4)}-${String(dayOfYear).padStart(3, '0')}T${time}`, `/Date(${at})/`],
        ...[at, at / 1_000, at * 1_000, String(at), (at / 1_000).toFixed(9)],
      ];
      for (const form of forms) expect(parseInstant(form), String(form)).toBe(at);
    }
  });
});
