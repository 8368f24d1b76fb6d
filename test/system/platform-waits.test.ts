import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { openWorld, type World, type WorldOptions } from '../support/world.ts';

const target = { type: 'queue', id: 'q1' } as const;
const REPLACE = 'postConversationParticipantReplaceQueue';

let world: World;
afterEach(() => world.close());

async function open(options: WorldOptions = {}) {
  world = await openWorld({ env: { GENESYS_API: 'platform', READ_LAG_MS: '0' }, ...options });
  const { directory } = world.sandbox.platform;
  directory.users.put('agent', { permissions: ['conversation:communication:blindTransfer'] });
  directory.queues.put(target.id, { onQueueUsers: { IDLE: 2 } });
}

async function submitOne(): Promise<{ id: string; callId: string }> {
  const callId = randomUUID();
  world.sandbox.platform.putConversation(callId, {
    participants: [{ purpose: 'agent', user: { id: 'agent' } }],
  });
  return { callId, id: await world.submit({ callId, userId: 'agent', target }) };
}

test('what was accepted and is not seen yet is unconfirmed, says until when it waits, and is not sent again', async () => {
  await open({ env: { GENESYS_API: 'platform', READ_LAG_MS: '0', SETTLE_WINDOW_MS: '60000' } });
  const { sandbox } = world;
  sandbox.platform.changeSettings({ command: { afterMs: 3_600_000, shown: false } });
  const { id, callId } = await submitOne();
  const waiting = await world.until(id, ({ record }) => record.unconfirmedReads > 1);
  expect(waiting.record.status).toBe('unconfirmed');
  const last = waiting.timeline.findLast(({ step }) => step === 'waiting');
  expect(last?.decided).toMatch(/^unconfirmed until \d{4}-\d\d-\d\dT/);
  expect(waiting.timeline.some(({ rule }) => rule === 'the platform accepted the request')).toBe(true);
  sandbox.platform.hurry();
  const { record } = await world.outcome(id);
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
  const posts = sandbox.requests.entries(callId).filter(({ operation }) => operation === REPLACE);
  expect(posts).toHaveLength(1);
  expect(sandbox.ledger.entries(callId)).toHaveLength(1);
});

test('while somebody else spends the requests of this client, transfers wait, and none fails', async () => {
  await open({ budget: { requests: 100, windowMs: 6_000 } });
  const { sandbox } = world;
  // Left to us: 10 of 100. Read at once, four agents, queues and calls would leave nothing for any transfer, time and again.
  sandbox.changeSettings({ requestsPerMinute: 100, rateLimitWindowMs: 5_000 });
  sandbox.platform.changeSettings({ command: { afterMs: 50 }, requestsByOthers: 90 });
  const submitted = await Promise.all(Array.from({ length: 4 }, submitOne));
  const statuses = [];
  for (const { id } of submitted) statuses.push((await world.outcome(id, 200_000)).record.status);
  expect(statuses).toEqual(submitted.map(() => 'transferred'));
  const refused = sandbox.requests.entries().filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
});
