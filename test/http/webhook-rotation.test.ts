import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { afterAll, expect, inject, test } from 'vitest';
import { connected, startApi, type TestApi } from './start-api.ts';
import { bearer, queued, signature, transferEvent, WEBHOOK } from './webhook-events.ts';

const OLD = 'the-secret-of-last-year';
const NEW = `whsec_${Buffer.from('the secret of this year').toString('base64')}`;
const SENDERS = 8;
/** Answers to wait for in each step of the rotation. */
const A_WHILE = 120;

const prefix = `{t-${randomUUID()}}`;
const apis: TestApi[] = [];
afterAll(async () => {
  for (const api of apis) await api.close();
});

async function deploy(secrets: string): Promise<{ url: string; retire: () => Promise<void> }> {
  const api = await startApi({ redisUrl: inject('redisUrl'), prefix, env: { WEBHOOK_SECRET: secrets } });
  apis.push(api);
  await connected(api);
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  return { url: `${address}${WEBHOOK}`, retire: () => api.app.close() };
}

/** Sends events in turn, each until accepted, like the platform. */
function startSender(index: number, current: () => string, said: (status: number) => void) {
  const taken: string[] = [];
  let secret = OLD;
  let isStopped = false;
  const prove = (body: string): Record<string, string> => {
    if (index % 3 === 0) return bearer(secret);
    return index % 3 === 1 ? { 'x-api-key': secret } : signature(secret, body);
  };

  async function sendOne(): Promise<void> {
    const event = transferEvent();
    const body = JSON.stringify(event);
    for (let status = 0; status !== 200; ) {
      const headers = { 'content-type': 'application/json', ...prove(body) };
      // A stopping process closes its connections; the sender retries.
      const answer = await fetch(current(), { method: 'POST', headers, body }).catch(() => undefined);
      await answer?.arrayBuffer().catch(() => undefined);
      status = answer?.status ?? 0;
      said(status);
      if (status === 401) return;
      if (status !== 200) await setImmediate();
    }
    taken.push(event.id);
  }

  async function run(): Promise<void> {
    while (!isStopped) await sendOne();
  }
  const running = run();
  return {
    taken,
    useNew: () => {
      secret = NEW;
    },
    stop: () => {
      isStopped = true;
      return running;
    },
  };
}

test('refuses no valid event during the rotation of secrets', async () => {
  const said = new Map<number, number>();
  const count = (status: number) => said.get(status) ?? 0;
  let current = await deploy(OLD);
  const senders = Array.from({ length: SENDERS }, (_, index) =>
    startSender(
      index,
      () => current.url,
      (status) => said.set(status, count(status) + 1),
    ),
  );
  const aWhile = (answers = A_WHILE) => {
    const from = count(200) + count(401);
    return expect.poll(() => count(200) + count(401) - from, { interval: 5 }).toBeGreaterThanOrEqual(answers);
  };
  async function roll(secrets: string): Promise<void> {
    const before = current;
    current = await deploy(secrets);
    await before.retire();
  }

  await aWhile();
  await roll(`${NEW},${OLD}`);
  await aWhile();
  for (const sender of senders) {
    sender.useNew();
    await aWhile(A_WHILE / SENDERS);
  }
  await roll(NEW);
  await aWhile();
  await Promise.all(senders.map((sender) => sender.stop()));

  expect(count(401)).toBe(0);
  // Events not accepted at once arrived while a process stopped, and got a retryable answer.
  expect([...said.keys()].filter((status) => ![0, 200, 503].includes(status))).toEqual([]);
  const taken = senders.flatMap((sender) => sender.taken);
  expect(taken.length).toBe(count(200));
  const [last] = apis.slice(-1);
  const inQueue = last === undefined ? [] : await queued(last);
  expect(inQueue.map(({ id }) => id).sort()).toEqual(taken.sort());
});

test('refuses a removed secret', async () => {
  const { url } = await deploy(NEW);
  const body = JSON.stringify(transferEvent());
  for (const proof of [bearer(OLD), { 'x-api-key': OLD }, signature(OLD, body)]) {
    const headers = { 'content-type': 'application/json', ...proof };
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(401);
  }
});
