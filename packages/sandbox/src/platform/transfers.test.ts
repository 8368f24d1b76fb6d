import { once } from 'node:events';
import { expect, test } from 'vitest';
import { AGENT, LEG, OTHER, QUEUE, startPlatform, talking } from '../../test/platform.ts';
import type { PlanFields } from './schemas.ts';

/** So far off that nothing happens before the test wants it. */
const LATER = 500_000;

async function startCall(plan: PlanFields = {}, leg: Record<string, unknown> = {}) {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.putConversation('c', talking(leg));
  sandbox.platform.changeSettings({ command: plan });
  const shown = async () => (await client.readConversation('c')).body;
  const legs = async () =>
    (await shown()).participants.map(({ purpose, state, disconnectType }) =>
      [purpose, state, disconnectType].filter(Boolean).join(' '),
    );
  const states = async () => (await shown()).recentTransfers.map(({ state }) => state);
  return { sandbox, client, shown, legs, states, ledger: () => sandbox.ledger.entries('c') };
}

test('a transfer to a queue is answered 202 and carried out later, in one moment', async () => {
  const { sandbox, client, legs, states, shown, ledger } = await startCall({ afterMs: LATER });
  const reply = await client.toQueue('c');
  expect(reply).toMatchObject({ status: 202, body: {} });
  expect(reply.headers.get('content-type')).toBeNull();
  expect(await legs()).toEqual(['customer connected', 'agent connected']);
  expect(await states()).toEqual(['Pending']);
  expect(ledger()).toEqual([]);
  const effect = once(sandbox, 'effect');
  sandbox.platform.hurry();
  const [entry] = await effect;
  expect(sandbox.platform.conversations.read('c')?.commands[0]?.state).toBe('Complete');
  expect(await legs()).toEqual(['customer connected', 'agent terminated transfer', 'acd connected']);
  const { participants, recentTransfers } = await shown();
  expect(participants[1]).toMatchObject({ wrapupRequired: true, user: { id: AGENT } });
  expect(participants[2]).toMatchObject({ queue: { id: QUEUE } });
  expect(recentTransfers[0]).toMatchObject({ transferType: 'Unattended', destination: { address: QUEUE } });
  expect(entry).toMatchObject({
    callId: 'c',
    by: 'api',
    leg: LEG,
    commandId: recentTransfers[0]?.id,
    mode: 'Unattended',
    target: { type: 'queue', id: QUEUE },
  });
  expect(ledger()).toEqual([entry]);
});

test('a command is Pending, then Active, then Complete', async () => {
  const { sandbox, client } = await startCall({ activeAfterMs: LATER - 1, afterMs: LATER });
  const seen: (string | undefined)[] = [];
  sandbox.on('conversation', ({ commands }) => seen.push(commands[0]?.state));
  await client.toQueue('c');
  sandbox.platform.hurry();
  expect(seen).toEqual(['Pending', 'Active', 'Complete']);
});

test.each(['Failed', 'Timeout', 'Canceled'] as const)(
  'a command that ends %s moves nothing',
  async (ends) => {
    const { client, legs, states, shown, ledger } = await startCall({ ends, canceledBy: 'someone' });
    expect((await client.toQueue('c')).status).toBe(202);
    expect(await states()).toEqual([ends]);
    expect((await shown()).recentTransfers[0]).toMatchObject({ modifiedBy: { id: 'someone' } });
    expect(await legs()).toEqual(['customer connected', 'agent connected']);
    expect(ledger()).toEqual([]);
  },
);

test('a command that is not shown is carried out all the same, or not at all', async () => {
  const { sandbox, client, states, legs, ledger } = await startCall({ shown: false, ends: 'Pending' });
  await client.toQueue('c');
  expect(ledger()).toEqual([]);
  sandbox.platform.changeSettings({ command: { ends: 'Complete' } });
  await client.toQueue('c');
  expect(await states()).toEqual([]);
  expect(await legs()).toContain('acd connected');
  expect(ledger()).toHaveLength(1);
});

test('a user rings, and connects later; the caller is off the old leg meanwhile', async () => {
  const { sandbox, client, legs, states, ledger } = await startCall({ connectMs: LATER });
  await client.toUser('c');
  expect(await legs()).toEqual(['customer connected', 'agent terminated transfer', 'agent alerting']);
  expect(await states()).toEqual(['Complete']);
  sandbox.platform.hurry();
  expect(await legs()).toEqual(['customer connected', 'agent terminated transfer', 'agent connected']);
  expect(ledger()).toMatchObject([{ target: { type: 'user', id: OTHER } }]);
});

test('a user who does not answer: the call goes to voicemail', async () => {
  const { client, legs, shown } = await startCall({ answers: false, voicemail: true });
  await client.toUser('c');
  expect((await legs()).slice(2)).toEqual(['agent terminated transfer.noanswer', 'voicemail connected']);
  expect((await shown()).participants[2]).not.toHaveProperty('connectedTime');
});

test('Attended: the old leg stays until the new one connects', async () => {
  const { sandbox, client, legs, states, ledger } = await startCall({ connectMs: LATER });
  await client.toUser('c', { transferType: 'Attended' });
  expect(await legs()).toEqual(['customer connected', 'agent connected', 'agent alerting']);
  expect(await states()).toEqual(['Pending']);
  expect(ledger()).toEqual([]);
  sandbox.platform.hurry();
  expect(await legs()).toEqual(['customer connected', 'agent terminated transfer', 'agent connected']);
  expect(await states()).toEqual(['Complete']);
  expect(ledger()).toMatchObject([{ mode: 'Attended' }]);
});

test.each(['Timeout', 'Failed', 'Pending'] as const)('Attended and unanswered: %s', async (unanswered) => {
  const { client, legs, states, ledger } = await startCall({ answers: false, unanswered });
  await client.toUser('c', { transferType: 'Attended' });
  expect(await legs()).toEqual([
    'customer connected',
    'agent connected',
    'agent terminated transfer.noanswer',
  ]);
  expect(await states()).toEqual([unanswered]);
  expect(ledger()).toEqual([]);
});

test('Attended and cancelled by somebody while it rings', async () => {
  const { sandbox, client, legs, shown, ledger } = await startCall({ connectMs: LATER });
  await client.toUser('c', { transferType: 'Attended' });
  sandbox.platform.act('c', { action: 'cancel-transfers', userId: AGENT });
  expect((await legs()).slice(1)).toEqual(['agent connected', 'agent terminated transfer.noanswer']);
  expect((await shown()).recentTransfers).toMatchObject([{ state: 'Canceled', modifiedBy: { id: AGENT } }]);
  sandbox.platform.hurry();
  expect(ledger()).toEqual([]);
});

test('a waiting call moves to another queue, Attended', async () => {
  const { client, legs, ledger } = await startCall(
    {},
    { purpose: 'acd', user: undefined, queue: { id: 'q1' } },
  );
  await client.toQueue('c', { transferType: 'Attended' });
  expect(await legs()).toEqual(['customer connected', 'acd terminated transfer', 'acd connected']);
  expect(ledger()).toHaveLength(1);
});

test('to an address: dialled, then connected; or gone from Genesys Cloud', async () => {
  const { sandbox, client, legs, shown, ledger } = await startCall({ connectMs: LATER });
  await client.replace('c', 'transfer', { address: '+15550100' });
  expect((await legs()).slice(1)).toEqual(['agent terminated transfer', 'external dialing']);
  sandbox.platform.hurry();
  expect((await legs())[2]).toBe('external connected');
  expect(ledger()).toMatchObject([{ target: { type: 'address', id: '+15550100' } }]);
  sandbox.platform.putConversation('c', talking());
  sandbox.platform.changeSettings({ command: { releases: true } });
  await client.replace('c', 'transfer', { address: '+15550100' });
  expect((await shown()).participants.every(({ state }) => state === 'terminated')).toBe(true);
  const generic = await client.get('/api/v2/conversations/c');
  expect(generic.body).toMatchObject({ endTime: expect.any(String) });
});

test('to an external contact by the number of the wanted kind', async () => {
  const { sandbox, client, shown, ledger } = await startCall();
  sandbox.platform.directory.contacts.put('contact-1', { phones: { CellPhone: '+15550101' } });
  const ask = (phoneType: string) =>
    client.replace('c', 'replace/contact/external', { contactId: 'contact-1', phoneType });
  expect((await ask('WorkPhone')).status).toBe(400);
  expect((await ask('CellPhone')).status).toBe(202);
  expect((await shown()).participants[2]).toMatchObject({ purpose: 'external', address: '+15550101' });
  expect(ledger()).toMatchObject([{ target: { type: 'externalContact', id: 'contact-1' } }]);
});

test('the old leg goes through the states that the plan names', async () => {
  const { sandbox, client } = await startCall({
    legEnds: [
      { afterMs: 0, state: 'disconnected', disconnectType: 'transfer' },
      { afterMs: LATER - 1, state: 'disconnected', disconnectType: 'peer' },
      { afterMs: LATER, state: 'terminated', disconnectType: 'peer' },
    ],
  });
  const seen: string[] = [];
  sandbox.on('conversation', ({ legs: [, leg] }) => seen.push(`${leg?.state}/${leg?.disconnectType}`));
  await client.toQueue('c');
  sandbox.platform.hurry();
  const [first, ...rest] = seen;
  expect(first).toBe('connected/undefined');
  expect(rest).toEqual(['disconnected/transfer', 'disconnected/peer', 'terminated/peer']);
});

test('of two commands for one leg the first that is carried out moves the call, the other fails', async () => {
  const { sandbox, client, states, ledger } = await startCall({ afterMs: LATER });
  sandbox.platform.changeSettings({ secondReplace: 'accepted' });
  await client.toQueue('c');
  await client.toQueue('c');
  sandbox.platform.hurry();
  expect(await states()).toEqual(['Complete', 'Failed']);
  expect(ledger()).toHaveLength(1);
});

test('a caller who hangs up before is not moved', async () => {
  const { sandbox, client, states, ledger } = await startCall({ afterMs: LATER });
  await client.toQueue('c');
  sandbox.platform.act('c', { action: 'hang-up' });
  sandbox.platform.hurry();
  expect(await states()).toEqual(['Failed']);
  expect(ledger()).toEqual([]);
});

test('a conversation that is put anew forgets what was under way, its legs that still leave too', async () => {
  const legEnds = [
    { afterMs: 0, state: 'disconnected' },
    { afterMs: LATER, state: 'terminated' },
  ];
  const { sandbox, client, legs, ledger } = await startCall({ legEnds });
  await client.toQueue('c');
  sandbox.platform.putConversation('c', talking());
  sandbox.platform.changeSettings({ command: { afterMs: LATER } });
  sandbox.forgetLedger();
  await client.toQueue('c');
  sandbox.platform.putConversation('c', talking());
  sandbox.platform.hurry();
  expect(await legs()).toEqual(['customer connected', 'agent connected']);
  expect(ledger()).toEqual([]);
});

test('somebody else moves the call, and an agent of the queue takes it', async () => {
  const { sandbox, legs, shown, ledger } = await startCall();
  sandbox.platform.act('c', { action: 'move', destination: { type: 'queue', id: 'q9' } });
  expect(ledger()).toMatchObject([{ by: 'someone-else', leg: LEG, target: { id: 'q9' } }]);
  expect((await shown()).recentTransfers).toMatchObject([
    { state: 'Complete', initiator: { userId: AGENT } },
  ]);
  sandbox.platform.act('c', { action: 'pick-up', userId: OTHER });
  expect((await legs()).slice(2)).toEqual(['acd terminated transfer', 'agent connected']);
});

test('what waits happens by itself in time', async () => {
  const { sandbox, client, legs } = await startCall({ afterMs: 1, connectMs: { min: 1, max: 2 } });
  await client.toUser('c');
  await sandbox.platform.settled();
  expect(await legs()).toContain('agent connected');
});
