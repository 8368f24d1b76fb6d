import { request } from 'node:http';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

const LIMIT = 2;
let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await startApi({
    redisUrl: inject('redisUrl'),
    env: {
      OPEN_WAITS_PER_KEY: String(LIMIT),
      API_KEYS: 'crm=key-of-the-crm,ivr=key-of-the-ivr,school=key-of-the-school',
      // Nothing listens there: a request refused for its waits never gets that far.
      SANDBOX_URL: 'http://127.0.0.1:9',
    },
  });
  await connected(api);
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api.close());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function submit(key: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}/api/transfers`, {
    method: 'POST',
    headers: { ...bearer(key), 'content-type': 'application/json', ...headers },
    body: JSON.stringify(transferBody()),
  });
  return {
    status: answer.status,
    body: (await answer.json()) as { id: string; detail?: string; code?: string },
  };
}

/** Opens a stream; `close` disconnects the client. */
async function stream(key: string) {
  const { body } = await submit(key);
  const sent = request(`${url}/api/transfers/${body.id}/events`, { headers: bearer(key) }).on(
    'error',
    () => {},
  );
  const status = await new Promise<number | undefined>((resolve) => {
    sent.once('response', (answer) => {
      answer.on('error', () => {}).resume();
      resolve(answer.statusCode);
    });
    sent.end();
  });
  return { status, close: () => sent.destroy() };
}

test('limits the open streams and waits of a key; each that ends frees its slot', async () => {
  const first = await stream('key-of-the-crm');
  const second = await stream('key-of-the-crm');
  expect([first.status, second.status]).toEqual([200, 200]);

  expect((await stream('key-of-the-crm')).status).toBe(429);
  const waited = await submit('key-of-the-crm', { prefer: 'wait=30' });
  expect(waited).toMatchObject({
    status: 202,
    body: { status: 'queued', detail: expect.stringContaining(`${LIMIT} waits and streams`) },
  });
  expect((await api.live.store.get(waited.body.id))?.record.status).toBe('queued');
  const other = await stream('key-of-the-ivr');
  expect(other.status).toBe(200);

  first.close();
  await expect
    .poll(async () => {
      const again = await stream('key-of-the-crm');
      if (again.status !== 200) return again.status;
      again.close();
      return 200;
    })
    .toBe(200);
  second.close();
  other.close();
});

test('a refusal states the number of open waits and what to do', async () => {
  const held = await Promise.all(Array.from({ length: LIMIT }, () => stream('key-of-the-ivr')));
  await expect.poll(async () => (await stream('key-of-the-ivr')).status).toBe(429);
  const { body } = await submit('key-of-the-ivr');
  const answer = await fetch(`${url}/api/transfers/${body.id}/events`, { headers: bearer('key-of-the-ivr') });
  expect(answer.status).toBe(429);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(await answer.json()).toMatchObject({
    code: 'too-many-waits',
    detail: expect.stringMatching(/2 waits and streams open.*close some/),
  });
  for (const one of held) one.close();
});

test('a simulator run counts as a wait', async () => {
  const simulate = async () => {
    const answer = await fetch(`${url}/api/simulator/transfer`, {
      method: 'POST',
      headers: { ...bearer('key-of-the-school'), 'content-type': 'application/json' },
      body: JSON.stringify({ userId: 'agent', callId: 'lesson', targetQueueId: 'sales' }),
    });
    return { status: answer.status, body: (await answer.json()) as { code: string; error: string } };
  };
  const held = await Promise.all(Array.from({ length: LIMIT }, () => stream('key-of-the-school')));
  await expect.poll(simulate).toMatchObject({ status: 429, body: { code: 'too-many-waits' } });
  expect((await simulate()).body.error).toMatch(/2 waits and streams open.*close some/);

  for (const one of held) one.close();
  // A failed run always frees its slot.
  await expect.poll(simulate).toMatchObject({ body: { code: 'sandbox-unreachable' } });
  for (let run = 0; run <= LIMIT; run++)
    expect((await simulate()).body.code, `run ${run}`).toBe('sandbox-unreachable');
});
