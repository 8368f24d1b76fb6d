import { expect, test } from 'vitest';
import { type PlatformClient, startPlatform } from '../../test/platform.ts';
import { type Scenario, type SimulatedRun, scenarios } from '../training.ts';

const ids = { userId: 'u', callId: 'c', targetQueueId: 'q', fallbackQueueId: 'f' };

async function simulate(client: PlatformClient, scenario: Scenario, change = {}): Promise<SimulatedRun> {
  const reply = await client.send('POST', '/control/platform/simulations', { scenario, ...ids, ...change });
  expect(reply.status).toBe(200);
  return reply.body as SimulatedRun;
}

/** Reads the conversation, and transfers the leg of the run's agent to the run's queue. */
async function readAndTransfer(client: PlatformClient, { callId, userId, targetQueueId }: SimulatedRun) {
  const id = encodeURIComponent(callId);
  const { participants } = (await client.readConversation(id)).body;
  const leg = participants.find(({ user }) => (user as { id?: string } | undefined)?.id === userId);
  return client.replace(id, 'replace/queue', { queueId: targetQueueId }, String(leg?.id));
}

test('lists the scenarios of the other world', async () => {
  const { client } = await startPlatform();
  const { body } = await client.get('/control/platform/simulations');
  expect((body.items as { scenario: string }[]).map(({ scenario }) => scenario)).toEqual(scenarios);
});

test('plain makes up what is unknown, with the agent on the call, and the transfer is carried out', async () => {
  const { sandbox, client } = await startPlatform();
  const run = await simulate(client, 'plain');
  expect(run).toEqual({ scenario: 'plain', ...ids });
  expect((await readAndTransfer(client, run)).status).toBe(202);
  expect(sandbox.ledger.entries('c')).toMatchObject([{ target: { type: 'queue', id: 'q' } }]);
  expect(sandbox.platform.directory.queues.get('f')?.onQueueUsers).toEqual({ IDLE: 2 });
  // The next run begins anew.
  expect((await readAndTransfer(client, await simulate(client, 'plain'))).status).toBe(202);
});

test('leaves alone what somebody put, before a run or after it', async () => {
  const { sandbox, client } = await startPlatform();
  const { platform } = sandbox;
  platform.directory.users.put('u', { permissions: [] });
  await simulate(client, 'plain');
  platform.directory.queues.put('q', { onQueueUsers: {} });
  const conversation = platform.putConversation('c', { securePause: true });
  await simulate(client, 'plain');
  expect(platform.directory.users.get('u')?.permissions).toEqual([]);
  expect(platform.directory.queues.get('q')?.onQueueUsers).toEqual({});
  expect(platform.conversations.read('c')).toEqual(conversation);
});

test.each<[Scenario, keyof SimulatedRun, (world: Awaited<ReturnType<typeof startPlatform>>) => unknown]>([
  [
    'queue-closed',
    'targetQueueId',
    ({ sandbox }) => sandbox.platform.directory.queues.get('q~queue-closed')?.onQueueUsers,
  ],
  [
    'no-permission',
    'userId',
    ({ sandbox }) => sandbox.platform.directory.users.get('u~no-permission')?.permissions,
  ],
  [
    'private-call',
    'callId',
    ({ sandbox }) => sandbox.platform.conversations.read('c~private-call')?.securePause,
  ],
])('%s has its own %s, and the ordinary one is not made', async (scenario, field, standing) => {
  const world = await startPlatform();
  const run = await simulate(world.client, scenario);
  expect(run).toMatchObject({ ...ids, [field]: `${ids[field as keyof typeof ids]}~${scenario}` });
  expect([{}, [], true]).toContainEqual(standing(world));
  const { directory, conversations } = world.sandbox.platform;
  const ordinary = [directory.queues.get('q'), directory.users.get('u'), conversations.read('c')];
  expect(ordinary.filter((one) => one === undefined)).toHaveLength(1);
});

test.each<[Scenario, number]>([
  ['etag-conflict', 400],
  ['rate-limited', 429],
])('%s is answered %i once, and the call stays with its agent', async (scenario, status) => {
  const { sandbox, client } = await startPlatform();
  const run = await simulate(client, scenario);
  expect((await readAndTransfer(client, run)).status).toBe(status);
  expect(sandbox.ledger.entries()).toEqual([]);
  expect((await readAndTransfer(client, run)).status).toBe(202);
});

test('outage answers 503 twice, then recovers', async () => {
  const { client } = await startPlatform();
  const run = await simulate(client, 'outage');
  for (const status of [503, 503, 202]) expect((await readAndTransfer(client, run)).status).toBe(status);
});

test('lost-answer moves the call and cuts the socket', async () => {
  const { sandbox, client } = await startPlatform();
  const run = await simulate(client, 'lost-answer');
  await expect(readAndTransfer(client, run)).rejects.toThrow();
  expect(sandbox.ledger.entries(run.callId)).toHaveLength(1);
});

test('caller-hangs-up ends the call between read and transfer, in each run', async () => {
  const { client } = await startPlatform();
  for (let time = 0; time < 2; time += 1) {
    const run = await simulate(client, 'caller-hangs-up');
    expect((await readAndTransfer(client, run)).status).toBe(400);
  }
});

test('a run removes what an earlier one left undone', async () => {
  const { client } = await startPlatform();
  await simulate(client, 'outage');
  expect((await readAndTransfer(client, await simulate(client, 'plain'))).status).toBe(202);
});

test('a reset forgets what was made up', async () => {
  const { sandbox, client } = await startPlatform();
  await simulate(client, 'plain');
  sandbox.reset();
  await client.logIn();
  expect((await readAndTransfer(client, await simulate(client, 'plain'))).status).toBe(202);
});
