import { expect, test } from 'vitest';
import { AGENT, LEG, QUEUE, startPlatform, talking } from '../../test/platform.ts';

test('a conversation has a caller, unless one is given', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', talking());
  const { body } = await client.readConversation('c');
  expect(body).toMatchObject({
    id: 'c',
    recordingState: 'none',
    securePause: false,
    recentTransfers: [],
    divisions: [{ division: { id: 'd0000000-0000-4000-8000-000000000001' } }],
    participants: [
      { purpose: 'customer', state: 'connected' },
      {
        id: LEG,
        purpose: 'agent',
        state: 'connected',
        user: { id: AGENT },
        connectedTime: expect.any(String),
      },
    ],
  });
  expect(body.participants[1]).not.toHaveProperty('communicationId');
  const caller = { purpose: 'customer', state: 'disconnected' };
  sandbox.platform.putConversation('c', { participants: [caller] });
  expect((await client.readConversation('c')).body.participants).toMatchObject([caller]);
});

test('what is null is left out of the answer', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', { ...talking(), securePause: null, recordingState: null });
  const { body } = await client.readConversation('c');
  expect(body).not.toHaveProperty('securePause');
  expect(body).not.toHaveProperty('recordingState');
});

test('the generic form has calls with communication ids, and needs a permission', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', talking({ communicationId: 'comm-a' }));
  expect((await client.get('/api/v2/conversations/c')).body).toMatchObject({
    id: 'c',
    startTime: expect.any(String),
    recordingState: 'NONE',
    participants: [{}, { id: LEG, userId: AGENT, calls: [{ id: 'comm-a', state: 'connected' }] }],
  });
  sandbox.platform.directory.clients.put('poor', { secret: 's', permissions: [] });
  await client.logIn('poor', 's');
  expect((await client.get('/api/v2/conversations/c')).status).toBe(403);
  expect((await client.readConversation('c')).status).toBe(200);
});

test('a callback is no call, but a conversation', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', { ...talking(), media: 'callback' });
  const code = 'conversation.error.conversation.not.found';
  expect(await client.readConversation('c')).toMatchObject({ status: 404, body: { code } });
  const { body } = await client.get('/api/v2/conversations/c');
  expect(body).toMatchObject({ participants: [{}, { callbacks: [{ state: 'connected' }] }] });
});

test('a read lags behind: it shows a state of that long ago, however the lag is drawn', async () => {
  let now = 1_000_000;
  let draw = 0;
  const { sandbox, client } = await startPlatform({ now: () => now, random: () => draw });
  sandbox.platform.putConversation('c', talking());
  const isMoved = async () => (await client.readConversation('c')).body.participants.length === 3;
  now += 10_000;
  await client.toQueue('c');
  now += 3_000;
  sandbox.changeSettings({ readLagMs: 6_000 });
  expect(await isMoved()).toBe(false);
  now += 3_000;
  expect(await isMoved()).toBe(true);
  now -= 3_000;
  sandbox.changeSettings({ readLagMs: { min: 0, max: 6_000 } });
  expect(await isMoved()).toBe(true);
  draw = 0.9;
  expect(await isMoved()).toBe(false);
  expect((await client.get('/api/v2/conversations/c')).body.participants).toHaveLength(2);
});

test('at most twenty commands are shown, the last ones', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', talking());
  sandbox.platform.changeSettings({ command: { ends: 'Failed' } });
  for (let count = 0; count < 22; count += 1) await client.toQueue('c');
  expect((await client.readConversation('c')).body.recentTransfers).toHaveLength(20);
});

test('a wrap-up code is set by communication; it must be offered, and be there', async () => {
  const { sandbox, client } = await startPlatform();
  const { directory } = sandbox.platform;
  directory.wrapupCodes.put('code-1', { name: 'Done' });
  directory.wrapupCodes.put('code-2', { queueIds: [QUEUE] });
  sandbox.platform.putConversation('c', talking({ communicationId: 'comm-a' }));
  const leg = `/api/v2/conversations/calls/c/participants/${LEG}`;
  const wrapUp = (body: unknown, communication = 'comm-a') =>
    client.send('POST', `${leg}/communications/${communication}/wrapup`, body);
  expect((await client.get(`${leg}/wrapupcodes`)).body).toMatchObject([{ id: 'code-1', name: 'Done' }]);
  expect((await client.get(`/api/v2/conversations/c/participants/${LEG}/wrapupcodes`)).status).toBe(200);
  expect(await wrapUp({ code: 'code-2' })).toMatchObject({ status: 400, body: { code: 'invalid.value' } });
  const required = { code: 'conversation.error.wrapup.code.required' };
  expect(await wrapUp({ notes: 'x' })).toMatchObject({ status: 400, body: required });
  expect((await wrapUp({ code: 'code-1' }, 'comm-x')).status).toBe(404);
  expect((await wrapUp({ code: 'code-1' })).status).toBe(202);
  expect((await client.readConversation('c')).body.participants[1]).toMatchObject({
    wrapup: { code: 'code-1' },
  });
  sandbox.platform.changeSettings({ wrapupNeedsUser: true });
  expect(await wrapUp({ code: 'code-1' })).toMatchObject({ status: 400, body: { code: 'not.a.user' } });
});

test('skills are set on the leg that waits in a queue', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', talking());
  const change = () =>
    client.send('PATCH', '/api/v2/routing/conversations/c', { skillIds: ['s1'], priority: 3 });
  expect((await change()).status).toBe(400);
  await client.toQueue('c');
  expect(await change()).toMatchObject({ status: 200, body: { priority: 3, skills: [{ id: 's1' }] } });
  const [, , waiting] = (await client.readConversation('c')).body.participants;
  expect(waiting).toMatchObject({ conversationRoutingData: { priority: 3, skills: [{ id: 's1' }] } });
});
