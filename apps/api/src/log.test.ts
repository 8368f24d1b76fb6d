import { expect, test } from 'vitest';
import { createLog } from './log.ts';

test('of an error the log has type, message, place and code, and nothing that hangs on it', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => lines.push(line) });
  const error = Object.assign(new TypeError('WRONGTYPE'), {
    code: 'E1',
    command: { name: 'evalsha', args: ['{"userId":"jane.doe"}'] },
  });
  log.child({ reqId: 'r' }).error({ err: error }, 'a request failed');
  const [line = ''] = lines;
  expect(JSON.parse(line)).toMatchObject({
    process: 'api',
    reqId: 'r',
    err: { type: 'TypeError', message: 'WRONGTYPE', code: 'E1', stack: expect.stringContaining('log.test') },
  });
  expect(line).not.toMatch(/jane|evalsha/);
});
