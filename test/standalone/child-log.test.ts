import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startChild } from '../../scripts/child.mjs';

async function runOnce(logFile: string, words: string): Promise<string> {
  const child = startChild(['/bin/echo', words], { logFile });
  await child.exited;
  return child.lastLines();
}

test('a log survives a restart, and a large one is kept aside', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'handover-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const logFile = join(folder, 'worker.log');
  await runOnce(logFile, 'first');
  expect(await runOnce(logFile, 'second')).toBe('second');
  expect(readFileSync(logFile, 'utf8')).toBe('first\nsecond\n');
  truncateSync(logFile, 20 * 1024 * 1024 + 1);
  await runOnce(logFile, 'third');
  expect(readFileSync(logFile, 'utf8')).toBe('third\n');
  expect(readFileSync(`${logFile}.1`).subarray(0, 13).toString()).toBe('first\nsecond\n');
});
