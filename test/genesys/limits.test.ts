import { randomUUID } from 'node:crypto';
import { attempt, type TransferRequest } from '@handover/core/transfer';
import { createSandbox } from '@handover/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGenesys, type Genesys } from '../../packages/core/src/genesys/genesys.ts';
import { readGenesysState } from '../../packages/core/src/redis/genesys-state.ts';
import { createBudget } from '../../packages/core/src/redis/pace/budget.ts';
import { impatientPolicy } from '../support/impatient-policy.ts';
import { openTestLane, requestOf, type TestLane, WORKER } from '../support/lane.ts';

const QUEUE = 'postConversationParticipantReplaceQueue';
const AGENT = 'postConversationParticipantReplaceAgent';
const BUDGET = { requests: 1_000, windowMs: 60_000 };

let lane: TestLane;
let sandbox: ReturnType<typeof createSandbox>;
let genesys: Genesys;
beforeEach(async () => {
  lane = openTestLane();
  sandbox = createSandbox({ platform: { command: { afterMs: 10 } } });
  const baseUrl = await sandbox.listen();
  const { directory } = sandbox.platform;
  directory.users.put('agent', { permissions: ['conversation:communication:blindTransfer'] });
  directory.users.put('bob', { routingStatus: 'IDLE' });
  directory.queues.put('support', { onQueueUsers: { IDLE: 1 } });
  genesys = createGenesys({
    dialect: 'platform',
    ...{
      readLagMs: 0,
      redis: lane.redis,
      lane: lane.lane,
      baseUrl,
      clientId: 'client',
      clientSecret: 'secret',
    },
    ...{ timeoutMs: 5_000, budget: BUDGET, cache: { userTtlMs: 60_000, queueTtlMs: 60_000 } },
    ...{ onRequest: () => undefined, onToken: () => undefined },
  });
});
afterEach(async () => {
  genesys.close();
  await sandbox.close();
  await lane.close();
});

const queue = { type: 'queue', id: 'support' } as const;
const user = { type: 'user', id: 'bob' } as const;

async function accept(given: Partial<TransferRequest> = {}): Promise<{ id: string; callId: string }> {
  const callId = randomUUID();
  sandbox.platform.putConversation(callId, { participants: [{ purpose: 'agent', user: { id: 'agent' } }] });
  return { id: await lane.accept(requestOf({ callId, target: queue, ...given })), callId };
}

async function run(id: string) {
  const report = await attempt({
    ...{
      id,
      actor: WORKER,
      records: lane.records,
      platform: genesys.transfers,
      policy: impatientPolicy,
      random: Math.random,
    },
    signal: new AbortController().signal,
  });
  return report.next;
}

/** Runs it until it has ended. */
async function finish(id: string) {
  for (;;) {
    const next = await run(id);
    if (!('inMs' in next)) return (await lane.record(id)).outcome;
    await new Promise((resolve) => setTimeout(resolve, next.inMs));
  }
}

const asked = (callId: string) => sandbox.requests.entries(callId).map(({ operation }) => operation);
const timelineOf = async (id: string) => (await lane.store.get(id))?.timeline ?? [];

/** The next request of this operation is refused for a limit of its own. */
function limit(operation: string, seconds: number, more: object = {}) {
  const headers = { 'retry-after': String(seconds) };
  sandbox.platform.addScript({
    operation: operation as typeof QUEUE,
    steps: [{ status: 429, headers, ...more }],
  });
}
const ownLimit = (key = 'conversation.transfer.rate.per.minute') => ({
  limit: { namespace: 'conversation', key, value: 100 },
});

describe('a 429 that names a limit of the operation', () => {
  test('holds off only transfers of that kind: others, and all readings, go on', async () => {
    limit(QUEUE, 600, ownLimit());
    const first = await accept();
    const next = await run(first.id);
    expect(next).toMatchObject({ do: 'sleep' });
    expect('inMs' in next && next.inMs).toBeGreaterThan(590_000);
    expect(await lane.record(first.id)).toMatchObject({ status: 'delayed', attempts: 0, serverErrors: 0 });
    expect((await timelineOf(first.id)).at(-1)).toMatchObject({
      step: 'waiting',
      rule: 'rate limited: conversation.transfer.rate.per.minute (100)',
      decided: expect.stringMatching(/^hold off of transfer \/replace\/queue until /),
    });
    expect(await finish((await accept({ target: user })).id)).toMatchObject({ status: 'transferred' });
    expect(await lane.redis.exists(lane.keys.holdOff)).toBe(0);
    expect(await readGenesysState(lane.redis, lane.lane)).toMatchObject({
      ...{ holdOffUntil: null, holds: [{ operation: 'transfer /replace/queue', until: expect.any(String) }] },
    });
  });

  test('a transfer that finds it held waits without a single request', async () => {
    limit(QUEUE, 600, ownLimit());
    await run((await accept()).id);
    for (const fallback of [undefined, { type: 'queue', id: 'overflow' } as const]) {
      const second = await accept(fallback && { fallback });
      const before = sandbox.requests.entries().length;
      expect(await run(second.id)).toMatchObject({ do: 'sleep' });
      expect(sandbox.requests.entries().length).toBe(before);
      expect(await lane.record(second.id)).toMatchObject({ status: 'delayed', attempts: 0, intents: [] });
    }
  });

  test('it is no reason to use the fallback; a target that is closed is, if the fallback is free', async () => {
    limit(QUEUE, 600, ownLimit());
    await run((await accept()).id);
    const open = await accept({ fallback: user });
    expect(await run(open.id)).toMatchObject({ do: 'sleep' });
    // It was read to learn whether the fallback is needed, but stopped at the fence.
    expect(asked(open.callId)).toEqual(['getConversationsCall']);
    expect(await lane.record(open.id)).toMatchObject({ attempts: 0, openIntent: '', intents: [] });
    sandbox.platform.directory.queues.put('closed', { onQueueUsers: { IDLE: 0 } });
    const closed = await accept({ target: { type: 'queue', id: 'closed' }, fallback: user });
    expect(await finish(closed.id)).toMatchObject({ status: 'transferred', isFallback: true });
  });

  test('many workers at the fence: one request, then none until the time told', async () => {
    limit(QUEUE, 2, ownLimit());
    const all = await Promise.all(Array.from({ length: 10 }, () => accept()));
    const until = sandbox.requests.entries().length;
    expect(until).toBe(0);
    const [first, ...others] = all;
    await run(first?.id ?? '');
    const told = Number(await lane.redis.hget(lane.keys.holds, 'until:transfer /replace/queue'));
    const outcomes = await Promise.all([first, ...others].map((one) => finish(one?.id ?? '')));
    expect(outcomes.map((outcome) => outcome?.status)).toEqual(all.map(() => 'transferred'));
    const sent = sandbox.requests.entries().filter(({ operation }) => operation === QUEUE);
    expect(sent).toHaveLength(11);
    // One host, so one clock.
    expect(sent.slice(1).filter(({ at }) => at < told)).toEqual([]);
  });

  test('past the deadline the transfer is expired at once, without probing', async () => {
    limit(QUEUE, 7_200, ownLimit('daily.max'));
    const { id, callId } = await accept({ expiresAt: (await lane.now()) + 600_000 });
    expect(await finish(id)).toMatchObject({
      status: 'expired',
      detail: expect.stringMatching(
        /^transfer \/replace\/queue is held off until .* \(rate limited: daily\.max \(100\)\)$/,
      ),
    });
    expect(asked(callId)).toEqual(['getConversationsCall', QUEUE]);
    const next = await accept({ expiresAt: (await lane.now()) + 600_000 });
    expect(await finish(next.id)).toMatchObject({ status: 'expired' });
    expect(asked(next.callId)).toEqual([]);
  });

  test('a reading that is limited holds up those who need it, and nobody else', async () => {
    limit('getConversationsCall', 3, ownLimit());
    const one = await accept();
    expect(await run(one.id)).toMatchObject({ do: 'sleep' });
    const other = await accept();
    expect(await run(other.id)).toMatchObject({ do: 'sleep' });
    // The request that its run had reserved is not sent during the hold-off.
    expect(asked(other.callId)).toEqual([]);
    expect(await lane.redis.exists(lane.keys.holdOff)).toBe(0);
    expect(await finish(one.id)).toMatchObject({ status: 'transferred' });
    expect(await finish(other.id)).toMatchObject({ status: 'transferred' });
  });
});

describe('a 429 of the token', () => {
  test.each([
    'client.credentials.token.rate.per.minute',
    'token.rate.per.minute',
    'org.app.user.rate.per.minute',
    'org.user.rate.per.minute',
  ])('that names %s holds off everybody', async (key) => {
    limit(QUEUE, 30, { limit: { namespace: 'platform.api', key, value: 300 } });
    const { id } = await accept();
    expect(await run(id)).toMatchObject({ do: 'hold' });
    expect((await timelineOf(id)).at(-1)).toMatchObject({ rule: `rate limited: ${key} (300)` });
    const other = await accept({ target: user });
    expect(await run(other.id)).toMatchObject({ do: 'hold' });
    expect(asked(other.callId)).toEqual([]);
    expect(await lane.redis.exists(lane.keys.holds)).toBe(0);
  });

  test('without a limit in the body, and headers that show little of it spent, is one of the operation', async () => {
    limit(QUEUE, 30);
    const few = await accept();
    // The sandbox counts one of 1,000,000.
    expect(await run(few.id)).toMatchObject({ do: 'sleep' });
    expect(await lane.redis.exists(lane.keys.holdOff)).toBe(0);
  });

  test('without a limit in the body, and headers that show most of it spent, holds off everybody', async () => {
    sandbox.changeSettings({ requestsPerMinute: 100 });
    sandbox.platform.changeSettings({ requestsByOthers: 60 });
    limit(AGENT, 30);
    const most = await accept({ target: user });
    expect(await run(most.id)).toMatchObject({ do: 'hold' });
  });
});

describe('the limit of the organisation', () => {
  test('is read once at the start, and the budget follows it', async () => {
    sandbox.changeSettings({ requestsPerMinute: 180 });
    expect(await genesys.learnLimits()).toEqual({ learned: 180 });
    expect(Number(await lane.redis.get(lane.keys.allowed))).toBe(180);
    const left = await createBudget(lane.redis, lane.lane, BUDGET).remaining();
    expect(left).toBe(179);
  });

  test('of organisation and headers, the lower one counts', async () => {
    const body = {
      entities: [
        { key: 'client.credentials.token.rate.per.minute', value: 120 },
        { key: 'x', value: 5 },
      ],
    };
    sandbox.changeSettings({ requestsPerMinute: 300 });
    sandbox.platform.addScript({
      operation: 'getOrganizationsLimitsNamespace',
      steps: [{ status: 200, body }],
    });
    expect(await genesys.learnLimits()).toEqual({ learned: 120 });
    expect(Number(await lane.redis.get(lane.keys.allowed))).toBe(120);
  });

  test.each<[string, object, string]>([
    [
      'a refusal',
      { status: 403, code: 'missing.permissions' },
      'the platform answered 403 (missing.permissions',
    ],
    ['an outage', { status: 503 }, 'the platform answered 503'],
    [
      'a list without it',
      { status: 200, body: { entities: [] } },
      'the organisation names no limit of the token',
    ],
    ['another form', { status: 200, body: [1] }, 'the organisation names no limit of the token'],
  ])('%s is told, and changes nothing', async (_, step, why) => {
    sandbox.platform.addScript({ operation: 'getOrganizationsLimitsNamespace', steps: [step] });
    expect(await genesys.learnLimits()).toEqual({ learned: 'nothing', why: expect.stringContaining(why) });
    expect(await finish((await accept()).id)).toMatchObject({ status: 'transferred' });
  });
});

test("the platform's id of each request stands in the timeline, and of a refused one in the outcome", async () => {
  sandbox.platform.addScript({ operation: QUEUE, steps: [{ status: 403, code: 'missing.any.permissions' }] });
  const { id, callId } = await accept();
  const outcome = await finish(id);
  const entries = sandbox.requests.entries(callId);
  const sent = entries.find(({ operation }) => operation === QUEUE);
  expect(outcome).toMatchObject({ status: 'rejected', reason: 'forbidden' });
  expect(sent?.correlationId).toBeDefined();
  expect(outcome?.detail).toContain(`, trace ${sent?.correlationId}`);
  const noted = (await timelineOf(id)).flatMap(({ requests = [] }) => requests);
  expect(noted.find(({ operation }) => operation === 'transfer')?.correlationId).toBe(sent?.correlationId);
  expect(noted.find(({ operation }) => operation === 'call')?.correlationId).toBe(
    entries.find(({ operation }) => operation === 'getConversationsCall')?.correlationId,
  );
});
