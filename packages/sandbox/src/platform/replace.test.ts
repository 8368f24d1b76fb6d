import { expect, test } from 'vitest';
import { AGENT, LEG, OTHER, QUEUE, startPlatform, talking } from '../../test/platform.ts';

async function startCall(leg: Record<string, unknown> = {}) {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', talking(leg));
  return { sandbox, client, platform: sandbox.platform };
}

const NOT_CONNECTED = 'conversations.error.transfer.not.connected';

test.each(['disconnected', 'terminated'])('a leg that is %s cannot be replaced', async (state) => {
  const { client } = await startCall({ state });
  expect(await client.toQueue('c')).toMatchObject({
    status: 400,
    body: { code: NOT_CONNECTED, status: 400 },
  });
});

test('a second Unattended transfer of the same leg is refused, before and after the first is carried out', async () => {
  const { client, platform, sandbox } = await startCall();
  platform.changeSettings({ command: { afterMs: 500_000 } });
  expect((await client.toQueue('c')).status).toBe(202);
  expect(await client.toUser('c')).toMatchObject({ status: 400, body: { code: NOT_CONNECTED } });
  platform.hurry();
  expect(await client.toQueue('c')).toMatchObject({ status: 400, body: { code: NOT_CONNECTED } });
  expect(sandbox.ledger.entries('c')).toHaveLength(1);
});

test('after a command that failed the leg can be replaced again', async () => {
  const { client, platform } = await startCall();
  platform.changeSettings({ command: { ends: 'Failed' } });
  expect((await client.toQueue('c')).status).toBe(202);
  expect((await client.toQueue('c')).status).toBe(202);
});

test.each([
  ['a leg that rings', 'leg-a', { state: 'alerting' }],
  ['a leg that is not there', 'leg-x', {}],
  ['the customer', 'leg-c', {}],
])('%s is no connected participant', async (_what, leg, change) => {
  const { client, platform } = await startCall();
  platform.putConversation('c', {
    participants: [{ id: 'leg-c', purpose: 'customer' }, ...(talking(change).participants ?? [])],
  });
  expect(await client.toQueue('c', {}, leg)).toMatchObject({
    status: 400,
    body: { code: 'bad.request', message: 'You are not a connected participant on the call' },
  });
});

test('a waiting call cannot be transferred Unattended', async () => {
  const { client } = await startCall({ purpose: 'acd' });
  const code = 'conversations.error.transfer.acd.call.unattended';
  expect(await client.toQueue('c')).toMatchObject({ status: 400, body: { code } });
});

test('an unknown queue is a 404, or a 400 by setting', async () => {
  const { client, platform } = await startCall();
  const code = 'conversations.error.queue.not.found';
  expect(await client.toQueue('c', { queueId: 'q-x' })).toMatchObject({ status: 404, body: { code } });
  platform.changeSettings({ queueNotFoundStatus: 400 });
  expect(await client.toQueue('c', { queueId: 'q-x' })).toMatchObject({ status: 400, body: { code } });
});

test.each([
  ['no destination', 'replace/queue', {}, 400, 'conversations.error.transfer.destination.required'],
  ['no body', 'replace/queue', undefined, 400, 'bad.request'],
  ['no address', 'transfer', {}, 400, 'conversations.error.transfer.destination.required'],
  ['an unknown mode', 'replace/queue', { queueId: QUEUE, transferType: 'Blind' }, 400, 'bad.request'],
  ['an unknown user', 'replace/agent', { userId: 'x' }, 404, 'not.found'],
  ['no kind of phone', 'replace/contact/external', { contactId: 'x' }, 400, 'bad.request'],
  [
    'the agent of the leg',
    'replace/agent',
    { userId: AGENT },
    400,
    'conversation.error.cannot.transfer.to.self',
  ],
])('%s is refused', async (_what, how, body, status, code) => {
  const { client, sandbox } = await startCall();
  expect(await client.replace('c', how, body)).toMatchObject({ status, body: { code } });
  expect(sandbox.ledger.entries()).toEqual([]);
});

test('somebody who is on the call is no target, and a conference is not transferred', async () => {
  const { client, platform } = await startCall();
  const other = { purpose: 'agent', user: { id: OTHER } };
  platform.putConversation('c', { participants: [...(talking().participants ?? []), other] });
  const sameParty = 'conversations.error.transfer.same.party';
  expect(await client.toUser('c')).toMatchObject({ status: 400, body: { code: sameParty } });
  const conference = 'conversation.error.cannot.transfer.conference';
  expect(await client.toQueue('c')).toMatchObject({ status: 400, body: { code: conference } });
});

test('a supervisor who listens makes no conference', async () => {
  const { client, platform } = await startCall();
  const supervisor = { purpose: 'agent', user: { id: 's' }, monitoredParticipantId: LEG };
  platform.putConversation('c', { participants: [...(talking().participants ?? []), supervisor] });
  expect((await client.toQueue('c')).status).toBe(202);
});

test('of several legs of one agent the one that is named is replaced', async () => {
  const { client, platform, sandbox } = await startCall();
  const user = { id: AGENT };
  platform.putConversation('c', {
    participants: [
      { id: 'l1', purpose: 'agent', user, state: 'terminated', disconnectType: 'transfer' },
      { id: 'l2', purpose: 'agent', user },
      { id: 'l3', purpose: 'agent', user, state: 'terminated' },
    ],
  });
  expect((await client.toQueue('c', {}, 'l1')).status).toBe(400);
  expect((await client.toQueue('c', {}, 'l2')).status).toBe(202);
  expect(sandbox.ledger.entries('c')).toMatchObject([{ leg: 'l2' }]);
  expect(sandbox.requests.entries('c')).toMatchObject([{ leg: 'l1' }, { leg: 'l2' }]);
});

test('a client without the permission gets 403 and the list of those that would do', async () => {
  const { client, platform } = await startCall();
  const permissions = ['conversation:communication:blindTransferAgent', 'conversation:communication:view'];
  platform.directory.clients.put('poor', { secret: 's', permissions });
  await client.logIn('poor', 's');
  expect(await client.toQueue('c')).toMatchObject({
    status: 403,
    body: {
      code: 'missing.any.permissions',
      messageParams: {
        permissions:
          'conversation:communication:blindTransfer, conversation:communication:blindTransferQueue',
      },
    },
  });
  expect((await client.replace('c', 'transfer', { address: '+1555' })).status).toBe(403);
  expect((await client.toUser('c')).status).toBe(202);
});

test('a role with wildcards permits', async () => {
  const { client, platform } = await startCall();
  platform.directory.clients.put('rich', { secret: 's', permissions: ['conversation:*:*'] });
  await client.logIn('rich', 's');
  expect((await client.toQueue('c')).status).toBe(202);
});

test('what lies in another division is unknown, or forbidden by setting', async () => {
  const { client, platform } = await startCall();
  platform.directory.clients.put('home', {
    secret: 's',
    divisions: ['d0000000-0000-4000-8000-000000000001'],
  });
  platform.directory.queues.put('q-sales', { divisionId: 'sales' });
  await client.logIn('home', 's');
  const code = 'conversations.error.queue.not.found';
  expect(await client.toQueue('c', { queueId: 'q-sales' })).toMatchObject({ status: 404, body: { code } });
  platform.putConversation('c', { ...talking(), divisionId: 'sales' });
  const unknown = { code: 'conversation.error.conversation.not.found' };
  expect(await client.toQueue('c')).toMatchObject({ status: 404, body: unknown });
  platform.changeSettings({ otherDivisionStatus: 403 });
  expect(await client.toQueue('c')).toMatchObject({ status: 403, body: { code: 'not.authorized' } });
});

test('a consult wants the token of the agent', async () => {
  const { client } = await startCall();
  const path = `/api/v2/conversations/calls/c/participants/${LEG}/consult/queue`;
  const body = { speakTo: 'DESTINATION', queueId: QUEUE };
  expect(await client.send('POST', path, body)).toMatchObject({ status: 400, body: { code: 'not.a.user' } });
});

test('scripts: no answer before or after the acceptance, an error with the effect, another plan, a change before', async () => {
  const { client, platform, sandbox } = await startCall();
  const operation = 'postConversationParticipantReplaceQueue';
  sandbox.platform.addScript({
    operation,
    id: 'c',
    steps: [
      { drop: 'before' },
      { status: 503 },
      { command: { ends: 'Failed' } },
      { before: { action: 'change-leg', leg: LEG, change: { held: true } }, status: 504, effect: true },
    ],
  });
  await expect(client.toQueue('c')).rejects.toThrow();
  expect((await client.toQueue('c')).status).toBe(503);
  expect((await client.toQueue('c')).status).toBe(202);
  expect(sandbox.ledger.entries()).toEqual([]);
  expect((await client.toQueue('c')).status).toBe(504);
  expect(sandbox.ledger.entries()).toHaveLength(1);
  expect(platform.conversations.read('c')?.legs[1]).toMatchObject({ held: true, state: 'terminated' });
  platform.putConversation('c', talking());
  sandbox.platform.addScript({ operation, steps: [{ drop: 'after' }] });
  await expect(client.toQueue('c')).rejects.toThrow();
  expect(sandbox.ledger.entries('c')).toHaveLength(2);
  expect(sandbox.requests.counts()).toMatchObject({ [operation]: 5 });
});
