import { once } from 'node:events';
import { expect, test } from 'vitest';
import { blindTo, type Client, startSandbox } from '../test/start.ts';

async function startWithCall() {
  const { sandbox, client } = await startSandbox();
  sandbox.putQueue('queue-1');
  const { etag } = sandbox.putCall('c');
  return { sandbox, client, etag };
}

async function statusesOfReads(client: Client, id: string, times: number): Promise<number[]> {
  const statuses = [];
  for (let read = 0; read < times; read += 1) statuses.push((await client.readCall(id)).status);
  return statuses;
}

test('each request takes one step, then behaviour is normal again', async () => {
  const { sandbox, client } = await startWithCall();
  sandbox.addScript({ operation: 'call', steps: [{ status: 503, times: 2 }, {}, { status: 500 }] });
  expect(await statusesOfReads(client, 'c', 5)).toEqual([503, 503, 200, 500, 200]);
});

test('scripts append, those for an id take precedence, other operations are unaffected', async () => {
  const { sandbox, client } = await startWithCall();
  sandbox.putCall('d');
  sandbox.addScript({ operation: 'call', steps: [{ status: 500 }] });
  sandbox.addScript({ operation: 'call', id: 'c', steps: [{ status: 501 }] });
  sandbox.addScript({ operation: 'call', id: 'c', steps: [{ status: 502 }] });
  expect((await client.get('/api/v2/queue/queues/queue-1')).status).toBe(200);
  expect(await statusesOfReads(client, 'c', 2)).toEqual([501, 502]);
  expect(await statusesOfReads(client, 'd', 2)).toEqual([500, 200]);
});

test('cleared scripts have no effect', async () => {
  const { sandbox, client } = await startWithCall();
  sandbox.addScript({ operation: 'call', steps: [{ status: 500 }] });
  sandbox.clearScripts();
  expect(await statusesOfReads(client, 'c', 1)).toEqual([200]);
});

test('a request without a valid token takes no step', async () => {
  const { sandbox, client } = await startWithCall();
  sandbox.addScript({ operation: 'call', steps: [{ status: 500 }] });
  sandbox.expireTokens();
  expect(await statusesOfReads(client, 'c', 1)).toEqual([401]);
  await client.login();
  expect(await statusesOfReads(client, 'c', 1)).toEqual([500]);
});

test('tokens can fail by script', async () => {
  const { sandbox, client } = await startWithCall();
  sandbox.addScript({ operation: 'token', steps: [{ status: 503 }] });
  expect((await client.askForToken()).status).toBe(503);
  expect((await client.askForToken()).status).toBe(200);
});

test('a status carries the headers and the body of the step, else an error in Genesys format', async () => {
  const { sandbox, client } = await startWithCall();
  sandbox.addScript({
    operation: 'call',
    steps: [
      { status: 429, headers: { 'Retry-After': '3' } },
      { status: 418, body: { odd: true } },
      { status: 502, body: '<html>', headers: { 'Content-Type': 'text/html' } },
    ],
  });
  const limited = await client.readCall('c');
  expect(limited.headers.get('retry-after')).toBe('3');
  expect(limited.body).toMatchObject({
    status: 429,
    code: expect.any(String),
    contextId: expect.any(String),
  });
  expect((await client.readCall('c')).body).toEqual({ odd: true });
  const page = await client.fetch('GET', '/api/v2/voice/calls/c');
  expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
    502,
    'text/html',
    '<html>',
  ]);
});

test('a scripted status has no effect, unless the step says so', async () => {
  const { sandbox, client, etag } = await startWithCall();
  sandbox.addScript({ operation: 'transfer', steps: [{ status: 503 }, { status: 503, effect: true }] });
  expect((await client.transfer('c', etag)).status).toBe(503);
  expect(sandbox.ledger.entries()).toHaveLength(0);
  expect((await client.transfer('c', etag)).status).toBe(503);
  expect(sandbox.ledger.entries()).toHaveLength(1);
  expect((await client.transfer('c', etag)).status).toBe(409);
});

test('a scripted effect checks the ETag like any other', async () => {
  const { sandbox, client } = await startWithCall();
  sandbox.addScript({ operation: 'transfer', steps: [{ status: 503, effect: true }, { drop: 'after' }] });
  expect((await client.transfer('c', '"old"')).status).toBe(503);
  await expect(client.transfer('c', '"old"')).rejects.toThrow();
  expect(sandbox.ledger.entries()).toHaveLength(0);
});

test('a drop before the effect cuts the socket without it, a drop after it with it', async () => {
  const { sandbox, client, etag } = await startWithCall();
  sandbox.addScript({ operation: 'transfer', steps: [{ drop: 'before' }, { drop: 'after' }] });
  await expect(client.transfer('c', etag)).rejects.toThrow();
  expect(sandbox.ledger.entries()).toHaveLength(0);
  await expect(client.transfer('c', etag)).rejects.toThrow();
  expect(sandbox.ledger.entries()).toHaveLength(1);
  expect(sandbox.requests.entries('c')).toMatchObject([
    { operation: 'transfer', status: null, ms: expect.any(Number), ifMatch: etag },
    { operation: 'transfer', status: null, ms: expect.any(Number), ifMatch: etag },
  ]);
});

test.each(['before', 'after'] as const)('a drop "%s" of a read just drops', async (drop) => {
  const { sandbox, client } = await startWithCall();
  sandbox.addScript({ operation: 'call', steps: [{ drop }] });
  await expect(client.readCall('c')).rejects.toThrow();
  expect(await statusesOfReads(client, 'c', 1)).toEqual([200]);
});

test.each([
  ['before', 0],
  ['after', 1],
] as const)('a hang "%s" never answers and leaves %i effects', async (hang, effects) => {
  const { sandbox, client, etag } = await startWithCall();
  sandbox.addScript({ operation: 'transfer', steps: [{ hang }] });
  const answered = once(sandbox, 'answered');
  const reply = client.transfer('c', etag).then(
    () => 'answered',
    () => 'cut',
  );
  await answered;
  expect(sandbox.ledger.entries()).toHaveLength(effects);
  await sandbox.close();
  expect(await reply).toBe('cut');
});

test('a cut body has its headers and its status, but not its end', async () => {
  const { sandbox, client, etag } = await startWithCall();
  sandbox.addScript({ operation: 'transfer', steps: [{ cutBody: true }] });
  const response = await client.fetch('POST', '/api/v2/voice/calls/c/transfer', blindTo('queue-1'), {
    'if-match': etag,
  });
  expect(response.status).toBe(200);
  expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
  await expect(response.text()).rejects.toThrow();
  expect(sandbox.ledger.entries()).toHaveLength(1);
});

test('an invalid body is a 200 that is not JSON, and a refusal stays a refusal', async () => {
  const { sandbox, client, etag } = await startWithCall();
  sandbox.addScript({ operation: 'transfer', steps: [{ invalidBody: true, times: 2 }] });
  const send = () =>
    client.fetch('POST', '/api/v2/voice/calls/c/transfer', blindTo('queue-1'), { 'if-match': etag });
  const well = await send();
  expect(well.status).toBe(200);
  await expect(well.json()).rejects.toThrow();
  expect(sandbox.ledger.entries()).toHaveLength(1);
  const refused = await send();
  expect(refused.status).toBe(409);
  await expect(refused.json()).rejects.toThrow();
});

test('a trickled body arrives slowly and completely', async () => {
  const { sandbox, client } = await startWithCall();
  sandbox.addScript({ operation: 'call', steps: [{ trickle: 1 }] });
  const reply = await client.readCall('c');
  expect(reply.body.id).toBe('c');
  const [entry] = sandbox.requests.entries('c');
  expect(entry?.ms).toBeGreaterThanOrEqual(JSON.stringify(reply.body).length / 2);
});

test('a step can set its own latency instead of the configured one', async () => {
  const { sandbox, client } = await startWithCall();
  sandbox.changeSettings({ latencyMs: 30 });
  sandbox.addScript({ operation: 'call', steps: [{}, { latencyMs: 0 }, { latencyMs: 60 }] });
  await statusesOfReads(client, 'c', 3);
  const times = sandbox.requests.entries('c').map((entry) => entry.ms ?? -1);
  expect(times[0]).toBeGreaterThanOrEqual(29);
  expect(times[1]).toBeLessThan(times[2] ?? 0);
  expect(times[2]).toBeGreaterThanOrEqual(59);
});

test('an action before a request happens between the read and the transfer', async () => {
  const { sandbox, client, etag } = await startWithCall();
  sandbox.addScript({
    operation: 'transfer',
    id: 'c',
    steps: [{ before: { action: 'move', target: { id: 'elsewhere', type: 'queue' } } }],
  });
  expect((await client.readCall('c')).body.etag).toBe(etag);
  expect((await client.transfer('c', etag)).status).toBe(409);
  expect(sandbox.ledger.entries('c')).toMatchObject([{ by: 'someone-else', target: { id: 'elsewhere' } }]);
  expect((await client.readCall('c')).body).toMatchObject({
    transferType: 'blind',
    target: { id: 'elsewhere' },
  });
});

test('an action before a request of an unknown call does nothing', async () => {
  const { sandbox, client } = await startWithCall();
  sandbox.addScript({ operation: 'call', id: 'nobody', steps: [{ before: { action: 'hang-up' } }] });
  expect(await statusesOfReads(client, 'nobody', 1)).toEqual([404]);
});
