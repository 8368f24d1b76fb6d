import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorld, UNHURRIED, type World } from '../support/world.ts';

const POST_WRAP_UP = 'postConversationsCallParticipantCommunicationWrapup';
const QUEUE = 'q1';

let world: World;
beforeAll(async () => {
  world = await openWorld({ env: { ...UNHURRIED, GENESYS_API: 'platform', READ_LAG_MS: '0' } });
  const { directory } = world.sandbox.platform;
  directory.users.put('agent', { permissions: ['conversation:communication:blindTransfer'] });
  directory.queues.put(QUEUE, { onQueueUsers: { IDLE: 2 } });
  directory.wrapupCodes.put('sold', { name: 'Sold' });
  directory.wrapupCodes.put('other', { name: 'Other', queueIds: ['elsewhere'] });
});
afterAll(() => world.close());

/** Transfers a call with this wrap-up code and waits for the end of its follow-up. */
async function wrapUp(code: string, leg: object = {}) {
  const { sandbox } = world;
  const callId = randomUUID();
  const agent = { purpose: 'agent', id: 'leg', user: { id: 'agent' }, queue: { id: QUEUE }, ...leg };
  sandbox.platform.putConversation(callId, { participants: [agent] });
  const target = { type: 'queue', id: QUEUE } as const;
  const id = await world.submit({ callId, userId: 'agent', target, wrapUpCodeId: code });
  const { record } = await world.until(
    id,
    ({ record: { followUps } }) => followUps.length === 1 && followUps[0]?.state !== 'waiting',
  );
  const posts = sandbox.requests.entries(callId).filter(({ operation }) => operation === POST_WRAP_UP).length;
  return { status: record.status, followUp: record.followUps[0], posts };
}

describe('a wrap-up code on the Platform API, after a transfer that stays transferred', () => {
  test('is set on the leg that has left', async () => {
    expect(await wrapUp('sold')).toMatchObject({
      ...{ status: 'transferred', posts: 1 },
      followUp: { state: 'done' },
    });
  });

  test('is left alone where one is set already', async () => {
    expect(await wrapUp('sold', { wrapup: { code: 'mine' } })).toMatchObject({
      ...{ status: 'transferred', posts: 0 },
      followUp: { state: 'superseded' },
    });
  });

  test('that the queue does not offer is given up, and named', async () => {
    expect(await wrapUp('other')).toMatchObject({
      ...{ status: 'transferred', posts: 1 },
      followUp: { state: 'gave-up', why: `code "other" is not offered for queue ${QUEUE}` },
    });
  });

  test('is given up after one request where Genesys wants the agent', async () => {
    world.sandbox.platform.changeSettings({ wrapupNeedsUser: true });
    expect(await wrapUp('sold')).toMatchObject({
      ...{ status: 'transferred', posts: 1 },
      followUp: { state: 'gave-up', why: "Genesys wants the agent's own token for wrap-up" },
    });
    world.sandbox.platform.changeSettings({ wrapupNeedsUser: false });
  });
});
