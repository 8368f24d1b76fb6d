import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createReceiver } from '@handover/core/callbacks';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../support/ports.ts';
import { CALLBACK_SECRET } from '../support/receiver.ts';

const page = readFileSync(new URL('../../docs/callbacks.md', import.meta.url), 'utf8');
const [, code = ''] = /```js\n([\s\S]+?)```/.exec(page) ?? [];
const BODY = JSON.stringify({
  type: 'transfer.ended',
  data: { transfer: { id: 't', status: 'transferred' } },
});

let example: ChildProcess;
let url: string;
let said = '';
beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  const env = { PATH: process.env.PATH, CALLBACK_SECRET, PORT: String(port) };
  example = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  example.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  // Unsigned, so refused; until it listens there is no answer.
  await vi.waitFor(async () => expect((await fetch(url)).status).toBe(401), { timeout: 30_000 });
});
afterAll(async () => {
  example.kill('SIGKILL');
  if (example.exitCode === null && example.signalCode === null) await once(example, 'exit');
});

function post(headers: Record<string, string>, body = BODY): Promise<number> {
  return fetch(url, { method: 'POST', headers, body }).then(({ status }) => status);
}

/** The headers of a message sent so long ago. */
function signed(secondsAgo = 0, secret = CALLBACK_SECRET) {
  const at = new Date(Date.now() - secondsAgo * 1_000);
  return {
    'webhook-id': 'a-message_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('a-message_1', at, BODY),
  };
}

test('the receiver in docs/callbacks.md takes our messages, once each, also while a secret is rotated', async () => {
  const other = `whsec_${Buffer.from('the next secret').toString('base64')}`;
  const receiver = createReceiver(
    { key: 'crm', url, secrets: [other, CALLBACK_SECRET], allowPrivate: true },
    { now: async () => Date.now() },
  );
  const send = () => receiver.send('t_1', BODY, new AbortController().signal);
  expect(await send()).toMatchObject({ is: 'delivered', status: 204 });
  expect(await send()).toMatchObject({ is: 'delivered', status: 204 });
  receiver.close();
  await expect.poll(() => said).toBe('transfer.ended: t transferred\n');
});

test('and no others', async () => {
  const { 'webhook-signature': _, ...unsigned } = signed();
  expect(await post(signed())).toBe(204);
  expect(await post(signed(), BODY.replace('transferred', 'failed'))).toBe(401);
  expect(await post(signed(301))).toBe(401);
  expect(await post(signed(-310))).toBe(401);
  expect(await post({ ...signed(), 'webhook-id': 'another' })).toBe(401);
  expect(await post(unsigned)).toBe(401);
  expect(await post(signed(0, `whsec_${Buffer.from('another').toString('base64')}`))).toBe(401);
});
