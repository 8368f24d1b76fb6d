import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { policyOf } from '../genesys/policies.ts';
import { ConfigError } from './config.ts';
import { readQueuePolicies } from './queue-policies.ts';

const SUPPORT = '90000000-0000-4000-8000-00000000000a';
const dir = mkdtempSync(join(tmpdir(), 'handover-policies-'));
const file = join(dir, 'queues.json');
afterAll(() => rmSync(dir, { recursive: true }));

/** Reads a file with this content; gives the policies, or what is wrong. */
function read(content: unknown) {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  try {
    return readQueuePolicies(file);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test('the example is a file as it must be', () => {
  const example = readQueuePolicies(
    resolve(import.meta.dirname, '../../../../deploy/queue-policy.example.json'),
  );
  expect(Object.keys(example.queues)).toHaveLength(2);
  expect(policyOf(example, '90000000-0000-4000-8000-000000000005')).toEqual({
    ...{ minOnQueue: 0, minJoinedMembers: 2, maxWaiting: 50 },
  });
});

test('a queue has its own fields before those of all; ids are compared in any case', () => {
  const given = read({ default: { maxWaiting: 5 }, queues: { [SUPPORT.toUpperCase()]: { maxWaiting: 9 } } });
  if (Array.isArray(given)) throw new Error(given.join());
  expect(policyOf(given, SUPPORT)).toEqual({ minOnQueue: 1, maxWaiting: 9 });
  expect(policyOf(given, 'another')).toEqual({ minOnQueue: 1, maxWaiting: 5 });
  expect(read({})).toEqual({ default: {}, queues: {} });
});

test.each<[unknown, RegExp]>([
  ['{', /is not JSON: /],
  [[], /: Invalid input: expected object/],
  [{ queue: {} }, /: Unrecognized key: "queue"$/],
  [{ default: { maxWaiting: 0 } }, /: default\.maxWaiting Too small/],
  [{ default: { maxWait: 3 } }, /: default Unrecognized key: "maxWait"$/],
  [{ queues: { support: {} } }, /: queues\.support is not the id of a queue, a UUID$/],
  [
    { queues: { [SUPPORT]: { minOnQueue: '1' } } },
    /: queues\.\S+a\.minOnQueue Invalid input: expected number/,
  ],
  [
    { queues: { [SUPPORT]: { scheduleGroupId: 'office' } } },
    /: queues\.\S+a\.scheduleGroupId must be an id of Genesys, a UUID$/,
  ],
])('%j is refused with file and field', (content, words) => {
  const problems = read(content);
  expect(problems).toEqual([expect.stringMatching(words)]);
  expect(String(problems)).toContain(`QUEUE_POLICY_FILE ${file}`);
});

test('a file that is not there is refused', () => {
  expect(() => readQueuePolicies(join(dir, 'none.json'))).toThrow(
    `QUEUE_POLICY_FILE ${join(dir, 'none.json')} cannot be read (ENOENT)`,
  );
});
