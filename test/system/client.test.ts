import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import {
  type ChangeEvent,
  createHandover,
  type Handover,
  type HandoverProblem,
  type TransferRequest,
} from '@handover/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSystem, type System } from '../support/system.ts';

const run = promisify(execFile);
const KEYS = 'crm:submit=key-of-crm,boss:operate=key-of-boss';

let system: System;
let client: Handover;
let operator: Handover;
beforeAll(async () => {
  system = await openSystem('voice', { API_KEYS: KEYS, ADMIN_USER: 'anna', ADMIN_PASSWORD: 'a-password' });
  client = createHandover({ url: system.url, key: 'key-of-crm' });
  operator = createHandover({ url: system.url, login: { user: 'anna', password: 'a-password' } });
});
afterAll(() => system.close());

const transfer = (number: number): TransferRequest => ({
  callId: `call-${number}`,
  userId: `agent-${number}`,
  transferType: 'blind',
  target: { type: 'queue', id: 'queue-support' },
});

test('the example of its README runs beside the system', async () => {
  const page = readFileSync(new URL('../../packages/client/README.md', import.meta.url), 'utf8');
  const [, code = ''] = /```js\n([\s\S]+?)```/.exec(page) ?? [];
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], {
    // Where the package is installed.
    cwd: new URL('..', import.meta.url),
    env: { PATH: process.env.PATH, HANDOVER_URL: system.url, HANDOVER_API_KEY: 'key-of-crm' },
  });
  const lines = stdout.trim().split('\n');
  const found = await client.transfers.list({ callId: 'call-1' });
  expect(lines).toEqual([
    ...['accepted', 'started', 'read', 'decided', 'intent', 'sent', 'outcome', 'outcome: transferred'],
    found.items[0]?.story,
    `${found.items[0]?.id} transferred`,
  ]);
});

test('every change is streamed, and the list has all pages', async () => {
  const stop = new AbortController();
  const changes = client.transfers.changes({ signal: stop.signal });
  expect((await changes.next()).value).toMatchObject({ type: 'ready' });
  const results = await client.transfers.submitBatch([2, 3, 4].map(transfer));
  const ids = results.map((result) => ('id' in result ? result.id : ''));
  const ended = new Set<string>();
  for await (const change of changes) {
    if (isEnd(change)) ended.add(change.data.id);
    if (ended.size === 3) break;
  }
  stop.abort();
  expect([...ended].sort()).toEqual([...ids].sort());
  const listed: string[] = [];
  for await (const { id } of client.transfers.all({ limit: 1, target: 'queue-support' })) listed.push(id);
  expect(listed).toEqual(expect.arrayContaining(ids));
  expect((await client.transfers.waitFor(ids[0] ?? '')).outcome?.status).toBe('transferred');
});

function isEnd(change: ChangeEvent): change is Extract<ChangeEvent, { type: 'transfer' }> {
  return change.type === 'transfer' && change.data.outcome !== null;
}

test('the same idempotency key is the same transfer, and its problems have a code', async () => {
  const idempotencyKey = 'order-4711';
  const first = await client.transfers.submit(transfer(5), { idempotencyKey });
  expect((await client.transfers.submit(transfer(5), { idempotencyKey })).id).toBe(first.id);
  const problems = await Promise.all(
    [
      client.transfers.submit(transfer(6), { idempotencyKey }),
      client.transfers.get('nobody'),
      client.queues.pause('transfers', 'no'),
      operator.deadLetters.replay(first.id, 'it is none'),
      createHandover({ url: system.url, key: 'wrong' }).status(),
    ].map((asked: Promise<unknown>) => asked.catch((error: HandoverProblem) => error.code)),
  );
  expect(problems).toEqual([
    ...[
      'idempotency-key-reused',
      'transfer-not-found',
      'not-allowed',
      'not-a-dead-letter',
      'unauthenticated',
    ],
  ]);
});

test('an operator pauses and resumes; a transfer that waits is cancelled', async () => {
  await operator.queues.pause('transfers', 'a test');
  const { id } = await client.transfers.submit(transfer(7));
  expect((await client.transfers.cancel(id)).outcome?.status).toBe('cancelled');
  expect(await operator.queues.resume('transfers', 'done')).toMatchObject({ paused: false });
  expect(await client.transfers.waitFor(id)).toMatchObject({ status: 'cancelled' });
});

test('reports, bills, status and training are read', async () => {
  expect((await client.reports.quality()).successful).toBeGreaterThan(0);
  expect(await client.reports.billing({ from: '2026-01-01' })).toMatchObject({ days: expect.any(Array) });
  expect(await client.billing.export({ month: '2026-01' })).toMatch(/# rows=0\s*$/);
  for await (const { id } of client.billing.allRecords()) expect(id).toEqual(expect.any(String));
  expect(await operator.deadLetters.list()).toMatchObject({ items: [] });
  expect(await operator.status()).toMatchObject({ is: 'fine', workers: { count: 1 } });
  expect(await operator.request('get', '/problems/{code}', { path: { code: 'too-late' } })).toMatchObject({
    status: 409,
  });
});
