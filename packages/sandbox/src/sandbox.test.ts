import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startSandbox } from '../test/start.ts';

test('request and effect can be awaited, the request before it is handled', async () => {
  const { sandbox, client } = await startSandbox();
  const { etag } = sandbox.putCall('c');
  sandbox.putQueue('queue-1');
  const effect = once(sandbox, 'effect');
  sandbox.once('request', ({ operation, id }) => {
    expect({ operation, id }).toEqual({ operation: 'call', id: 'c' });
    sandbox.actOnCall('c', { action: 'make-private' });
  });
  expect((await client.readCall('c')).body.privacy).toBe(true);
  const { etag: current } = sandbox.putCall('c');
  expect(current).not.toBe(etag);
  await client.transfer('c', current);
  expect((await effect)[0]).toMatchObject({ callId: 'c', by: 'api' });
});

test('the sandbox can stop and restart with its state', async () => {
  const { sandbox, client } = await startSandbox();
  sandbox.putUser('u');
  const port = Number(new URL(client.url).port);
  await sandbox.close();
  await expect(client.get('/api/v2/users/u')).rejects.toThrow();
  await sandbox.listen({ port });
  expect((await client.get('/api/v2/users/u')).status).toBe(200);
});

test('closing does not wait for slow or hanging requests, and a slow transfer has no effect afterwards', async () => {
  const { sandbox, client } = await startSandbox({ settings: { transferLatencyMs: 60_000 } });
  const { etag } = sandbox.putCall('c');
  sandbox.putQueue('queue-1');
  sandbox.addScript({ operation: 'call', steps: [{ hang: 'before' }] });
  const arrived = new Promise<void>((resolve) => {
    sandbox.on('request', () => sandbox.requests.entries().length === 2 && resolve());
  });
  const replies = Promise.allSettled([client.transfer('c', etag), client.readCall('c')]);
  await arrived;
  await sandbox.close();
  expect((await replies).map((reply) => reply.status)).toEqual(['rejected', 'rejected']);
  expect(sandbox.ledger.entries()).toEqual([]);
});
