import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { watchMachine } from '../support/machine.ts';
import { PATIENTLY } from '../support/patience.ts';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld, UNHURRIED, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.close());

/** The maximum number of requests, except tokens, that the sandbox saw within this many ms. */
function mostWithin(spanMs: number): number {
  const times = world.sandbox.requests
    .entries()
    .filter(({ operation }) => operation !== 'token')
    .map(({ at }) => at)
    .sort((one, other) => one - other);
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + spanMs).length));
}

test('three workers at twice the budget: never exceeded, no 429, no wasted request, all transferred', async () => {
  const budget = { requests: 60, windowMs: 1_500 };
  world = await openWorld({
    workers: 3,
    budget,
    env: {
      ...{ USER_CACHE_TTL_MS: '3600000', QUEUE_CACHE_TTL_MS: '3600000' },
      ...{ GENESYS_TIMEOUT_MS: '20000', SETTLE_WINDOW_MS: '21000', UNCONFIRMED_MAX_MS: '60000' },
    },
  });
  const machine = watchMachine();
  onTestFinished(machine.stop);
  const { userId, target } = createSubject(world.sandbox);
  const request = (callId: string) => ({ callId, userId, target: { type: 'queue' as const, id: target } });
  const calls = Array.from({ length: 60 }, (_, index) => `call-${index}`);
  for (const callId of calls) world.sandbox.putCall(callId);
  const ids = await Promise.all(calls.map((callId) => world.submit(request(callId))));
  // As in handover_queue_held_seconds: while the queue is held, jobs do not wait for a worker.
  await vi.waitUntil(async () => (await world.queue.getRateLimitTtl(1_000_000)) > 0, PATIENTLY);
  const transfers = [];
  for (const id of ids) transfers.push(await world.outcome(id));

  expect(transfers.map(({ record: { status, attempts } }) => ({ status, attempts }))).toEqual(
    transfers.map(() => ({ status: 'transferred', attempts: 1 })),
  );
  const requests = world.sandbox.requests.entries().filter(({ operation }) => operation !== 'token');
  // Two for each transfer, and one each for the agent and the queue.
  expect(requests).toHaveLength(2 * ids.length + 2);
  // A request may be delayed by as much as this machine delayed anything.
  const most = mostWithin(budget.windowMs - 100 - 2 * machine.latestMs());
  console.log(`at most ${most} of ${budget.requests} requests within a window; ${requests.length} in all`);
  expect(most).toBeLessThanOrEqual(budget.requests);
  expect(requests.filter(({ status }) => status === 429)).toEqual([]);
  // Transfers wait in the queue, not between their requests: no timeline has a wait.
  expect(transfers.flatMap(({ timeline }) => timeline.filter(({ step }) => step === 'waiting'))).toEqual([]);
});

test('respects a lower limit in the platform’s headers', async () => {
  world = await openWorld({ env: UNHURRIED, budget: { requests: 300, windowMs: 1_000 } });
  const machine = watchMachine();
  onTestFinished(machine.stop);
  world.sandbox.changeSettings({ requestsPerMinute: 20, rateLimitWindowMs: 1_000 });
  const first = await world.submit(requestFor(createSubject(world.sandbox)));
  await world.outcome(first);
  const ids = [];
  for (let count = 0; count < 15; count += 1)
    ids.push(await world.submit(requestFor(createSubject(world.sandbox))));
  for (const id of ids) expect((await world.outcome(id)).record.status).toBe('transferred');
  expect(await world.redis.get(world.store.keys.allowed)).toBe('20');
  expect(mostWithin(900 - 2 * machine.latestMs())).toBeLessThanOrEqual(20);
});

test('a budget that is used up during a run makes it wait, without consuming an attempt', async () => {
  world = await openWorld({ env: UNHURRIED, workers: 0, budget: { requests: 10, windowMs: 15_000 } });
  const subject = createSubject(world.sandbox);
  // Agent, call and queue, then three conflicts: more than the four requests reserved for a run.
  world.sandbox.addScript({
    operation: 'transfer',
    steps: [{ times: 3, status: 412, before: { action: 'bump-etag' } }],
  });
  const now = Date.now();
  const others = Array.from({ length: 4 }, (_, index) => [now, `other-${index}`]).flat();
  await world.redis.zadd(world.store.keys.sent, ...others);
  const id = await world.submit(requestFor(subject));
  await world.startOne();
  const { record, timeline } = await world.outcome(id);
  expect(record).toMatchObject({ status: 'transferred', attempts: 1, conflicts: 3 });
  const waits = timeline.filter(({ step }) => step === 'waiting').map(({ rule }) => rule);
  expect(new Set(waits)).toEqual(new Set(['budget used up']));
  expect(world.effects(subject.callId)).toHaveLength(1);
});
