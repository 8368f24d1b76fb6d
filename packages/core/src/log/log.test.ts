import fs from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { createLog, logDestination } from './log.ts';

afterEach(() => vi.restoreAllMocks());

test('of an error the log has type, message, place and code, and nothing that hangs on it', () => {
  const lines: string[] = [];
  const log = createLog('api', 'info', { write: (line) => lines.push(line) });
  const error = Object.assign(new TypeError('WRONGTYPE'), {
    code: 'E1',
    command: { name: 'evalsha', args: ['{"userId":"jane.doe"}'] },
  });
  log.child({ reqId: 'r' }).error({ err: error }, 'request.failed');
  const [line = ''] = lines;
  expect(JSON.parse(line)).toMatchObject({
    process: 'api',
    reqId: 'r',
    err: { type: 'TypeError', message: 'WRONGTYPE', code: 'E1', stack: expect.stringContaining('log.test') },
  });
  expect(line).not.toMatch(/jane|evalsha/);
});

test('lines go to standard output as JSON, and in a form for people only on a terminal', async () => {
  expect(await logDestination({})).toMatchObject({ fd: 1 });
  const forPeople = await logDestination({ isTTY: true });
  expect(forPeople).not.toHaveProperty('fd');
  const shown: string[] = [];
  vi.spyOn(fs, 'writeSync').mockImplementation((_fd, text) => {
    shown.push(String(text));
    return String(text).length;
  });
  createLog('worker', 'info', forPeople).info({ transfer: 't-1' }, 'transfer.attempted');
  expect(shown.join('')).toMatch(/INFO.*transfer\.attempted[\s\S]*transfer: "t-1"/);
});
