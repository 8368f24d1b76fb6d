import { expect, test } from 'vitest';
import {
  AGENT,
  LEG,
  OTHER,
  type PlatformClient,
  QUEUE,
  startPlatform,
  talking,
} from '../../test/platform.ts';
import { HOME_DIVISION } from './directory.ts';

/** What is seen in practice, and must be playable: the input of each case, and what a client then gets to see. */

const REFUSED = { status: 400, body: { message: 'You are not a connected participant on the call' } };

test('a call that still rings at the agent can be transferred once it is answered', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', talking({ state: 'alerting' }));
  expect(await client.toQueue('c')).toMatchObject(REFUSED);
  sandbox.platform.act('c', { action: 'change-leg', leg: LEG, change: { state: 'connected' } });
  expect((await client.toQueue('c')).status).toBe(202);
});

test('a call in the IVR has no leg that can be replaced', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', { participants: [{ id: LEG, purpose: 'ivr' }] });
  expect(await client.toQueue('c')).toMatchObject(REFUSED);
});

test('a consult under way shows on three legs, in both forms of the conversation', async () => {
  const { sandbox, client } = await startPlatform();
  const consult = { consultParticipantId: 'leg-c' };
  sandbox.platform.putConversation('c', {
    participants: [
      { id: 'leg-c', purpose: 'customer', confined: true, ...consult },
      ...(talking({ ...consult, attributes: { consultInitiator: 'true' } }).participants ?? []),
      { purpose: 'agent', user: { id: OTHER }, ...consult },
    ],
  });
  const all = [consult, { ...consult, attributes: { consultInitiator: 'true' } }, consult];
  expect((await client.readConversation('c')).body.participants).toMatchObject(all);
  expect((await client.get('/api/v2/conversations/c')).body.participants).toMatchObject(all);
  const code = 'conversation.error.cannot.transfer.conference';
  expect(await client.toQueue('c')).toMatchObject({ status: 400, body: { code } });
});

test('legs of a supervisor, and a customer leg with a queue, are shown as they were put', async () => {
  const { sandbox, client } = await startPlatform();
  const participants = [
    { id: 'leg-c', purpose: 'customer', queue: { id: QUEUE } },
    { id: LEG, purpose: 'agent', user: { id: AGENT } },
    { id: 'leg-s', purpose: 'agent', user: { id: 's' }, coachedParticipantId: LEG },
  ];
  sandbox.platform.putConversation('c', { participants });
  expect((await client.readConversation('c')).body.participants).toMatchObject(participants);
});

test('an unknown disconnectType, or none, stays as it is', async () => {
  const { sandbox, client } = await startPlatform();
  const participants = [
    { purpose: 'customer', state: 'connected' },
    { purpose: 'agent', state: 'terminated', disconnectType: 'something.new' },
    { purpose: 'agent', state: 'terminated' },
  ];
  sandbox.platform.putConversation('c', { participants });
  const shown = (await client.readConversation('c')).body.participants;
  expect(shown).toMatchObject(participants);
  expect(shown[2]).not.toHaveProperty('disconnectType');
});

test.each([
  ['the agent hangs up before', { action: 'change-leg', leg: LEG, change: { state: 'terminated' } }, []],
  ['the caller hangs up before', { action: 'hang-up' }, []],
  ['somebody else is faster', { action: 'move', destination: { type: 'user', id: 'x' } }, ['someone-else']],
] as const)('%s, just before the transfer arrives: refused', async (_what, before, by) => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', talking());
  const operation = 'postConversationParticipantReplaceQueue';
  sandbox.platform.addScript({ operation, id: 'c', steps: [{ before }] });
  const code = 'conversations.error.transfer.not.connected';
  expect(await client.toQueue('c')).toMatchObject({ status: 400, body: { code } });
  expect(sandbox.ledger.entries('c').map((entry) => entry.by)).toEqual(by);
});

test('a 202 that is lost on the way, carried out late, seen later still', async () => {
  let now = 1_000_000;
  const { sandbox, client } = await startPlatform({ now: () => now });
  sandbox.platform.putConversation('c', talking());
  sandbox.changeSettings({ readLagMs: 6_000 });
  const operation = 'postConversationParticipantReplaceQueue';
  const step = { drop: 'after', command: { afterMs: 500_000, shown: false } } as const;
  sandbox.platform.addScript({ operation, steps: [step] });
  await expect(client.toQueue('c')).rejects.toThrow();
  const legs = async () => (await client.readConversation('c')).body.participants.length;
  now += 15_000;
  sandbox.platform.hurry();
  expect(sandbox.ledger.entries('c')).toHaveLength(1);
  expect(await legs()).toBe(2);
  now += 6_000;
  expect(await legs()).toBe(3);
});

test('a client whose role covers one division only sees which one', async () => {
  const { sandbox, client } = await startPlatform();
  const { directory } = sandbox.platform;
  directory.divisions.put('sales', { name: 'Sales' });
  directory.queues.put('q-sales', { divisionId: 'sales' });
  directory.clients.put('home', { secret: 's', divisions: [HOME_DIVISION] });
  directory.clients.put('all', { secret: 's' });
  await client.logIn('home', 's');
  expect((await client.get('/api/v2/routing/queues/q-sales')).status).toBe(404);
  expect(await namesOfQueues(client)).toEqual(['Queue 2']);
  await client.logIn('all', 's');
  expect((await client.get('/api/v2/routing/queues/q-sales')).body).toMatchObject({
    division: { name: 'Sales' },
  });
  expect(await namesOfQueues(client)).toEqual(['q-sales', 'Queue 2']);
});

async function namesOfQueues(client: PlatformClient): Promise<string[]> {
  const { body } = await client.get('/api/v2/routing/queues');
  return (body.entities as { name: string }[]).map(({ name }) => name);
}

test('an Attended transfer that is sent again while it rings moves the call twice', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', talking());
  sandbox.platform.changeSettings({ command: { connectMs: 500_000 } });
  const attended = { transferType: 'Attended' };
  expect((await client.toUser('c', attended)).status).toBe(202);
  expect((await client.toUser('c', attended)).status).toBe(202);
  sandbox.platform.hurry();
  expect(sandbox.ledger.entries('c')).toHaveLength(2);
});
