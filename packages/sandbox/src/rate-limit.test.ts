import { expect, test } from 'vitest';
import { startSandbox } from '../test/start.ts';

test('the rate limit counts per token, refuses without effect, and reports its state in every answer', async () => {
  let now = 0;
  const { sandbox, client } = await startSandbox({ now: () => now });
  const { etag } = sandbox.putCall('c');
  sandbox.putQueue('queue-1');
  expect((await client.readCall('c')).headers.get('inin-ratelimit-count')).toBeNull();
  sandbox.changeSettings({ requestsPerMinute: 2 });
  now = 1_000;
  const first = await client.readCall('c');
  expect(first.headers.get('inin-ratelimit-count')).toBe('1');
  expect(first.headers.get('inin-ratelimit-allowed')).toBe('2');
  expect(first.headers.get('inin-ratelimit-reset')).toBe('60');
  await client.readCall('c');
  now = 11_500;
  const refused = await client.transfer('c', etag);
  expect(refused).toMatchObject({ status: 429, body: { code: 'too.many.requests' } });
  expect(refused.headers.get('retry-after')).toBe('50');
  expect(refused.headers.get('inin-ratelimit-count')).toBe('3');
  expect(sandbox.ledger.entries()).toEqual([]);
  now = 61_000;
  expect((await client.transfer('c', etag)).status).toBe(200);
});

test('each token has its own window, and removing the limit admits all requests', async () => {
  const { sandbox, client } = await startSandbox({ settings: { requestsPerMinute: 1 } });
  sandbox.putUser('u');
  expect((await client.get('/api/v2/users/u')).status).toBe(200);
  expect((await client.get('/api/v2/users/u')).status).toBe(429);
  const first = client.token;
  await client.login();
  expect((await client.get('/api/v2/users/u')).status).toBe(200);
  sandbox.changeSettings({ requestsPerMinute: 0 });
  client.token = first;
  expect((await client.get('/api/v2/users/u')).status).toBe(200);
});
