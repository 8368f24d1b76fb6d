import { expect, test } from 'vitest';
import { PlatformClient } from '../../test/platform.ts';
import { startSandbox } from '../../test/start.ts';
import { seedId } from './seed.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;

test('a seeded sandbox has calls, agents and queues of both worlds, the same each time', async () => {
  const { sandbox, client: voice } = await startSandbox({ seed: true });
  const client = new PlatformClient(voice.url);
  await client.logIn();
  const id = seedId('c', 1);
  expect(id).toMatch(UUID);
  expect((await client.readConversation(id)).body).toMatchObject({
    participants: [
      { id: seedId('b', 1), purpose: 'customer' },
      { id: seedId('b', 1, 2), purpose: 'agent', user: { id: seedId('a', 1) } },
    ],
  });
  const path = `/api/v2/conversations/${id}/participants/${seedId('b', 1, 2)}/replace/queue`;
  expect((await client.send('POST', path, { queueId: seedId('9', 1) })).status).toBe(202);
  sandbox.platform.hurry();
  expect(sandbox.ledger.entries(id)).toMatchObject([{ target: { id: seedId('9', 1) } }]);
  expect((await voice.readCall('call-1')).status).toBe(200);
});

test.each([
  [101, { securePause: true }],
  [102, { participants: [{ state: 'terminated' }, { state: 'terminated' }] }],
  [103, { participants: [{}, { purpose: 'acd', queue: { id: seedId('9', 1) } }] }],
])('conversation %i is one of the special ones', async (number, shown) => {
  const { client: voice } = await startSandbox({ seed: true });
  const client = new PlatformClient(voice.url);
  await client.logIn();
  expect((await client.readConversation(seedId('c', number))).body).toMatchObject(shown);
});

test('a reset brings the seed and the first settings back', async () => {
  const { sandbox } = await startSandbox({ seed: true, platform: { queueNotFoundStatus: 400 } });
  sandbox.platform.changeSettings({ queueNotFoundStatus: 404, command: { ends: 'Failed' } });
  sandbox.platform.deleteConversation(seedId('c', 1));
  sandbox.reset();
  expect(sandbox.platform.settings).toMatchObject({
    queueNotFoundStatus: 400,
    command: { ends: 'Complete' },
  });
  expect(sandbox.platform.conversations.read(seedId('c', 1))).toBeDefined();
});
