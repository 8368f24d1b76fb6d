import { expect, test } from 'vitest';
import { blindTo, type Client, type Reply, startSandbox } from '../../test/start.ts';
import { createSandbox } from '../create.ts';
import { type Scenario, type SimulatedRun, scenarios } from '../training.ts';

const ids = { userId: 'u', callId: 'c', targetQueueId: 'q', fallbackQueueId: 'f' };

async function simulate(client: Client, scenario: Scenario): Promise<SimulatedRun> {
  const reply = await client.send('POST', '/control/simulations', { scenario, ...ids });
  expect(reply.status).toBe(200);
  return reply.body as SimulatedRun;
}

/** Reads the call and transfers it under the ETag just read. */
async function readAndTransfer(client: Client, run: SimulatedRun): Promise<Reply> {
  const call = await client.readCall(run.callId);
  return client.transfer(run.callId, String(call.body.etag), blindTo(run.targetQueueId));
}

test('lists the scenarios with descriptions', async () => {
  const { client } = await startSandbox();
  const items = (await client.get('/control/simulations')).body.items as {
    scenario: string;
    description: string;
  }[];
  expect(items.map((item) => item.scenario)).toEqual(scenarios);
  for (const { description } of items) expect(description).toMatch(/^[A-Z].{10,}\.$/);
});

test('an unknown scenario is a 400 that lists the names', async () => {
  const { client } = await startSandbox();
  const reply = await client.send('POST', '/control/simulations', { scenario: 'party', ...ids });
  expect(reply.status).toBe(400);
  for (const scenario of scenarios) expect(JSON.stringify(reply.body)).toContain(scenario);
});

test('plain creates unknown entities, and the transfer succeeds', async () => {
  const { sandbox, client } = await startSandbox();
  const run = await simulate(client, 'plain');
  expect(run).toEqual({ scenario: 'plain', ...ids });
  expect(sandbox.users.get('u')?.roles).toMatchObject([{ id: 'call:transfer:execute' }]);
  expect(sandbox.queues.get('f')?.state).toBe('open');
  expect((await readAndTransfer(client, run)).status).toBe(200);
});

test('recreates generated entities, leaves existing ones unchanged', async () => {
  const { sandbox, client } = await startSandbox();
  sandbox.putQueue('q', { state: 'closed' });
  sandbox.putUser('u', { roles: [] });
  const run = await simulate(client, 'plain');
  await readAndTransfer(client, run);
  sandbox.actOnCall('c', { action: 'hang-up' });
  await simulate(client, 'plain');
  expect(sandbox.calls.read('c')).toEqual({
    id: 'c',
    state: 'connected',
    privacy: false,
    etag: expect.any(String),
  });
  expect(sandbox.queues.get('q')?.state).toBe('closed');
  expect(sandbox.users.get('u')?.roles).toEqual([]);
});

test('a generated id that a client then creates is no longer recreated', async () => {
  const { sandbox, client } = await startSandbox();
  await simulate(client, 'plain');
  const call = sandbox.putCall('c', { state: 'held' });
  await simulate(client, 'plain');
  expect(sandbox.calls.read('c')).toEqual(call);
});

test('queue-closed creates its own closed target', async () => {
  const { sandbox, client } = await startSandbox();
  const run = await simulate(client, 'queue-closed');
  expect(run.targetQueueId).toBe('q~queue-closed');
  expect(sandbox.queues.get(run.targetQueueId)?.state).toBe('closed');
  expect(sandbox.queues.get('f')?.state).toBe('open');
  expect(sandbox.queues.has('q')).toBe(false);
});

test('no-permission creates its own agent without permission', async () => {
  const { sandbox, client } = await startSandbox({ seed: true });
  const run = sandbox.simulate({ scenario: 'no-permission', ...ids, userId: 'agent-1' });
  const user = await client.get(`/api/v2/users/${encodeURIComponent(run.userId)}`);
  expect(user.body.roles).toEqual([]);
  expect(sandbox.users.get('agent-1')?.roles).toHaveLength(1);
});

test('private-call creates its own private call', async () => {
  const { sandbox, client } = await startSandbox();
  const known = sandbox.putCall('c');
  const run = await simulate(client, 'private-call');
  expect((await client.readCall(run.callId)).body.privacy).toBe(true);
  expect((await readAndTransfer(client, run)).status).toBe(403);
  expect(sandbox.calls.read('c')).toEqual(known);
});

test('etag-conflict changes the call between read and transfer, once', async () => {
  const { client } = await startSandbox();
  const run = await simulate(client, 'etag-conflict');
  expect((await readAndTransfer(client, run)).status).toBe(409);
  expect((await readAndTransfer(client, run)).status).toBe(200);
});

test('rate-limited answers 429 with Retry-After, once', async () => {
  const { client } = await startSandbox();
  const run = await simulate(client, 'rate-limited');
  const refused = await readAndTransfer(client, run);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await readAndTransfer(client, run)).status).toBe(200);
});

test('outage answers 503 twice, then recovers', async () => {
  const { client } = await startSandbox();
  const run = await simulate(client, 'outage');
  expect((await readAndTransfer(client, run)).status).toBe(503);
  expect((await readAndTransfer(client, run)).status).toBe(503);
  expect((await readAndTransfer(client, run)).status).toBe(200);
});

test('lost-answer moves the call and cuts the socket', async () => {
  const { sandbox, client } = await startSandbox();
  const run = await simulate(client, 'lost-answer');
  await expect(readAndTransfer(client, run)).rejects.toThrow();
  expect(sandbox.ledger.entries(run.callId)).toHaveLength(1);
});

test('caller-hangs-up ends the call between read and transfer, in each run', async () => {
  const { sandbox, client } = await startSandbox({ seed: true });
  for (let time = 0; time < 2; time += 1) {
    const run = sandbox.simulate({ scenario: 'caller-hangs-up', ...ids, callId: 'call-1' });
    expect((await readAndTransfer(client, run)).status).toBe(409);
    expect((await client.readCall(run.callId)).body.state).toBe('disconnected');
  }
  expect(sandbox.calls.read('call-1')?.state).toBe('connected');
});

test('removes leftovers of earlier simulations of the call, keeps other scripts', async () => {
  const { sandbox, client } = await startSandbox();
  await simulate(client, 'outage');
  sandbox.addScript({ operation: 'transfer', id: 'c', steps: [{ status: 500 }] });
  const run = await simulate(client, 'plain');
  expect((await readAndTransfer(client, run)).status).toBe(500);
  expect((await readAndTransfer(client, run)).status).toBe(200);
});

test('a special entity keeps its id in repeated runs, within 200 characters', () => {
  const sandbox = createSandbox();
  const first = sandbox.simulate({ scenario: 'queue-closed', ...ids, targetQueueId: 'q'.repeat(200) });
  expect(first.targetQueueId).toHaveLength(200);
  expect(sandbox.simulate(first)).toEqual(first);
});
