import { expect, test } from 'vitest';
import { AGENT, LEG, startPlatform, talking } from '../../test/platform.ts';

const PATH = '/control/platform/conversations/c';

test('a conversation is put, shown, changed and removed', async () => {
  const { client } = await startPlatform();
  const put = await client.send('PUT', PATH, talking());
  expect(put).toMatchObject({ status: 200, body: { id: 'c', legs: [{ purpose: 'customer' }, { id: LEG }] } });
  const act = (action: unknown) => client.send('POST', `${PATH}/actions`, action);
  await act({ action: 'change', securePause: true });
  await act({ action: 'change-leg', leg: LEG, change: { state: 'terminated', disconnectType: 'peer' } });
  await act({ action: 'add-leg', leg: { id: 'leg-2', purpose: 'agent', user: { id: 'b' } } });
  const { body } = await client.readConversation('c');
  expect(body).toMatchObject({
    securePause: true,
    participants: [
      { purpose: 'customer' },
      { id: LEG, state: 'terminated', endTime: expect.any(String) },
      { id: 'leg-2', state: 'connected' },
    ],
  });
  expect((await act({ action: 'hang-up' })).body).toMatchObject({ endTime: expect.any(String) });
  expect((await act({ action: 'pick-up', userId: AGENT })).status).toBe(409);
  expect((await client.get(PATH)).status).toBe(200);
  expect((await client.send('DELETE', PATH)).status).toBe(204);
  expect((await client.get(PATH)).status).toBe(404);
  expect((await act({ action: 'hang-up' })).status).toBe(404);
});

test('somebody else moves the call, in the ledger of both worlds', async () => {
  const { client } = await startPlatform();
  await client.send('PUT', PATH, talking());
  const destination = { type: 'externalContact', id: 'e', phoneType: 'WorkPhone' };
  await client.send('POST', `${PATH}/actions`, { action: 'move', destination, leg: LEG });
  expect((await client.get('/control/ledger?callId=c')).body).toMatchObject({
    items: [{ callId: 'c', by: 'someone-else', leg: LEG, mode: 'Unattended', target: { id: 'e' } }],
  });
});

test('users, queues and clients are put and removed', async () => {
  const { client } = await startPlatform();
  expect((await client.send('PUT', '/control/platform/users/u', { state: 'inactive' })).body).toEqual({
    id: 'u',
    state: 'inactive',
  });
  expect((await client.get('/api/v2/users/u')).body).toMatchObject({ state: 'inactive' });
  await client.send('DELETE', '/control/platform/users/u');
  expect((await client.get('/api/v2/users/u')).status).toBe(404);
  await client.send('PUT', '/control/platform/clients/id-1', { secret: 's', permissions: [] });
  expect((await client.askForPlatformToken('id-2', 's')).status).toBe(400);
});

test('settings: what is named changes, also within the plan of commands', async () => {
  const { client } = await startPlatform();
  const change = { command: { afterMs: { min: 1, max: 2 } }, queueNotFoundStatus: 400 };
  await client.send('PUT', '/control/platform/settings', change);
  expect((await client.get('/control/platform/settings')).body).toMatchObject({
    command: { ends: 'Complete', afterMs: { min: 1, max: 2 }, connectMs: 0 },
    queueNotFoundStatus: 400,
    otherDivisionStatus: 404,
  });
});

test('what waits can be hurried', async () => {
  const { client, sandbox } = await startPlatform();
  await client.send('PUT', PATH, talking());
  await client.send('PUT', '/control/platform/settings', { command: { afterMs: 500_000 } });
  await client.toQueue('c');
  expect(sandbox.ledger.entries()).toEqual([]);
  expect((await client.send('POST', '/control/platform/hurry')).status).toBe(204);
  expect(sandbox.ledger.entries()).toHaveLength(1);
});

test('scripts of both worlds come by one route, and requests and effects are listed by conversation', async () => {
  const { client } = await startPlatform();
  await client.send('PUT', PATH, talking());
  const script = (body: unknown) => client.send('POST', '/control/scripts', body);
  const steps = [{ status: 503 }];
  expect((await script({ operation: 'getConversationsCall', id: 'c', steps })).status).toBe(204);
  expect((await script({ operation: 'call', steps })).status).toBe(204);
  expect((await client.readConversation('c')).status).toBe(503);
  expect((await client.readConversation('c')).status).toBe(200);
  expect((await client.get('/control/requests?callId=c')).body).toMatchObject({
    counts: { call: 0, getConversationsCall: 2 },
    items: [{ status: 503 }, { status: 200 }],
  });
});

test.each([
  [
    'PUT',
    PATH,
    { participants: [{ state: 'connected', userId: 'x' }] },
    ['participants.0.purpose', 'participants.0.userId'],
  ],
  [
    'PUT',
    PATH,
    {
      participants: [
        { id: 'a', purpose: 'acd' },
        { id: 'a', purpose: 'acd' },
      ],
    },
    ['participants'],
  ],
  ['PUT', PATH, { securePause: 'yes' }, ['securePause']],
  ['POST', `${PATH}/actions`, { action: 'move', destination: { type: 'queue' } }, ['destination.id']],
  ['POST', `${PATH}/actions`, { action: 'fly' }, ['action']],
  ['PUT', '/control/platform/users/u', { permissions: ['nonsense'] }, ['permissions.0']],
  ['PUT', '/control/platform/clients/k', {}, ['secret']],
  ['PUT', '/control/platform/schedules/s', { start: 'monday', end: '2026-01-01T00:00:00' }, ['start']],
  ['PUT', '/control/platform/settings', { command: { afterMs: -1 }, x: 1 }, ['command.afterMs', 'x']],
  ['POST', '/control/scripts', { operation: 'getUser', steps: [{ command: {} }] }, ['steps.0.command']],
  ['POST', '/control/scripts', { operation: 'getUser', steps: [{ limit: {} }] }, ['steps.0.limit.key']],
  ['POST', '/control/scripts', { operation: 'getNothing', steps: [{}] }, ['operation']],
  ['POST', '/control/scripts', { operation: 'getUser', steps: [{ code: 'x' }] }, ['steps.0.code']],
])('%s %s with bad input is a 400 that names the fields', async (method, path, body, fields) => {
  const { client } = await startPlatform();
  await client.send('PUT', PATH, talking());
  const reply = await client.send(method, path, body);
  expect(reply.status).toBe(400);
  const named = (reply.body.errors as { field: string }[]).map(({ field }) => field);
  expect(named).toEqual(expect.arrayContaining(fields));
});
