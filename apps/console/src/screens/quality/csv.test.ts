import type { QualityReport } from '@handover/client';
import { expect, test } from 'vitest';
import { fileNameOf, isSame, rowsIn } from './csv.ts';

const HEADER =
  'queue,successful,fallbackUsed,failed,expired,etagConflicts,totalTransfersAttempted,successRate,fallbackRate,rejected,cancelled,replayed,averageMs,rejected:forbidden';
const zeros = {
  rejections: {},
  failures: {},
  successRate: 0,
  fallbackRate: 0,
  etagConflicts: 0,
  totalTransfersAttempted: 0,
};
const none = { fallbackUsed: 0, expired: 0, cancelled: 0, replayed: 0, ...zeros };

const report: QualityReport = {
  ...{ ...none, successful: 5, failed: 1, rejected: 2 },
  rows: [
    { ...none, queue: 'a', successful: 2, failed: 1, rejected: 0 },
    { ...none, queue: 'b', successful: 3, failed: 0, rejected: 2 },
  ],
};

test.each(['b', '"b,1,2"', '"two\r\nlines"', '"say ""x"""'])(
  'a file with the queue %s has its numbers',
  (queue) => {
    const csv = `${HEADER}\r\na,2,0,1,0,0,3,66.67,0,0,0,0,12,0\r\n${queue},3,0,0,0,0,3,100,0,2,0,0,,2\r\n# incomplete: x\r\n`;
    expect(rowsIn(csv)).toHaveLength(2);
    expect(isSame(csv, report)).toBe(true);
    expect(isSame(csv.replace(',3,0,0', ',4,0,0'), report)).toBe(false);
    expect(isSame(csv, { ...report, rows: report.rows?.slice(1) ?? [] })).toBe(false);
  },
);

test('an empty file is as an empty report', () => {
  expect(isSame(`${HEADER}\r\n`, { ...report, rows: [] })).toBe(true);
});

test('its name tells what is in it', () => {
  const range = { ...report, from: '2026-11-21T04:00:00.000Z', to: '2026-11-28T00:00:00.000Z' };
  expect(fileNameOf({ from: '', by: 'hour' }, range)).toBe(
    'quality-by-hour-2026-11-21T04Z-to-2026-11-28T00Z.csv',
  );
  expect(fileNameOf({ from: '', by: 'day', queue: '../<b>/Zürich' }, range)).toBe(
    'quality-by-day-2026-11-21T04Z-to-2026-11-28T00Z-queue-.._b_Zürich.csv',
  );
  const days = { ...report, from: '2026-11-21T00:00:00.000Z', to: '2026-11-28T00:00:00.000Z' };
  expect(fileNameOf({ from: '', by: 'day' }, days)).toBe('quality-by-day-2026-11-21-to-2026-11-27.csv');
  expect(fileNameOf({ from: '', by: 'day', agent: 'a'.repeat(200) }, range).length).toBe(124);
});
