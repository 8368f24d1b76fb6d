import { createHoldOff } from '@handover/core/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld, UNHURRIED, type World } from '../support/world.ts';

const lines: string[] = [];
let world: World;
beforeAll(async () => {
  world = await openWorld({ env: UNHURRIED, onLog: (line) => lines.push(line) });
});
afterAll(() => world.close());

const attemptsOf = (id: string) =>
  lines
    .map((line) => JSON.parse(line))
    .filter(({ msg, transfer }) => msg === 'transfer.attempted' && transfer === id);

test('logs an attempt as one wide line: ids, phase, rule, cost and next action', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject));
  await world.finishedJob(id);
  expect(attemptsOf(id)).toEqual([
    {
      ...{ level: 30, time: expect.any(String), process: 'worker', pid: process.pid },
      ...{ msg: 'transfer.attempted', actor: expect.stringMatching(/^worker:/), lane: 'live', transfer: id },
      ...{
        call: subject.callId,
        attempt: 1,
        conflicts: 0,
        retries: [],
        transferType: 'blind',
        targetType: 'queue',
      },
      ...{ phase: 'outcome', rule: expect.any(String), decided: 'transferred', next: 'done' },
      ...{ outcome: 'transferred', requests: 4, requestMs: expect.any(Number), ms: expect.any(Number) },
      ...{ effectLatencyMs: expect.any(Number), statuses: expect.arrayContaining(['transfer 200']) },
    },
  ]);
});

test('logs the wait and the rule of a delayed attempt, as an error on platform failures', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'call', id: subject.callId, steps: [{ status: 503 }] });
  const id = await world.submit(requestFor(subject));
  await world.finishedJob(id);
  expect(attemptsOf(id)).toMatchObject([
    { level: 50, phase: 'waiting', retries: ['server-error'], next: 'sleep', inMs: expect.any(Number) },
    { level: 30, phase: 'outcome', outcome: 'transferred', attempt: 2 },
  ]);
});

test('logs transfer and call, but no agent or upstream metadata', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit({ ...requestFor(subject), metadata: { ticket: 'ticket-of-a-person' } });
  await world.finishedJob(id);
  expect(attemptsOf(id)).toMatchObject([{ call: subject.callId }]);
  expect(lines.join('')).not.toMatch(new RegExp([subject.userId, 'ticket-of'].join('|')));
});

test('transfers that are held off before they begin share a line', async () => {
  const from = lines.length;
  await createHoldOff(world.redis, world.store.keys.holdOff).raise(5_000, 'the limit of a test');
  const ids = await Promise.all(
    Array.from({ length: 10 }, () => world.submit(requestFor(createSubject(world.sandbox)))),
  );
  await Promise.all(ids.map((id) => world.finishedJob(id)));
  for (const id of ids) expect(attemptsOf(id)).toMatchObject([{ outcome: 'transferred' }]);
  const held = lines.slice(from).map((line) => JSON.parse(line));
  expect(held.filter(({ msg }) => msg === 'transfers.held')).toMatchObject([
    { lane: 'live', reason: 'rate limited: the limit of a test', transfers: 1, inMs: expect.any(Number) },
  ]);
});
