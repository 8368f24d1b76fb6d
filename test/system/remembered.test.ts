import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld, UNHURRIED, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ env: { ...UNHURRIED, USER_CACHE_TTL_MS: '60000', QUEUE_CACHE_TTL_MS: '60000' } });
});
afterAll(() => world.close());

/** How often this id was requested from the platform. */
const asked = (id: string) => world.sandbox.requests.entries().filter((request) => request.id === id).length;

test('permission and queue state are requested once, and their age is recorded', async () => {
  const subject = createSubject(world.sandbox);
  await world.outcome(await world.submit(requestFor(subject)));
  const { timeline } = await world.outcome(await world.submit(requestFor(subject)));
  expect([asked(subject.userId), asked(subject.target)]).toEqual([1, 1]);
  const read = timeline.find(({ step }) => step === 'read');
  expect(read?.requests?.map(({ operation }) => operation)).toEqual(['call']);
  expect(read?.ageMs).toBeGreaterThan(0);
});

test.each([
  { status: 403, forgotten: 'userId', kept: 'target' },
  { status: 404, forgotten: 'target', kept: 'userId' },
] as const)('a $status to the effect contradicts the cache: $forgotten is requested again', async (row) => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ status: row.status }] });
  expect((await world.outcome(await world.submit(requestFor(subject)))).record.status).toBe('rejected');
  expect((await world.outcome(await world.submit(requestFor(subject)))).record.status).toBe('transferred');
  expect(asked(subject[row.forgotten])).toBe(2);
  expect(asked(subject[row.kept])).toBe(1);
});
