import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSubject, requestFor, type Subject } from '../support/subject.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** Sends a transfer without an effect or an answer, and changes something before the next reading. */
async function unknown(subject: Subject, change: () => void) {
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ status: 503 }] });
  const id = await world.submit(requestFor(subject, { fallback: true }));
  await world.until(id, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
  change();
  const { record, timeline } = await world.outcome(id);
  const sent = timeline.filter(({ step }) => step === 'intent').map(({ at }) => at);
  return { record, timeline, sent, effects: world.effects(subject.callId) };
}

test.concurrent('sends no other target while it is open, only after proof that nothing happened', async () => {
  const subject = createSubject(world.sandbox);
  const found = await unknown(subject, () => world.sandbox.putQueue(subject.target, { state: 'closed' }));
  expect(found.record.outcome).toMatchObject({ status: 'transferred', isFallback: true });
  expect(found.effects.map(({ target }) => target)).toEqual([{ type: 'queue', id: subject.fallback }]);
  expect(found.timeline.map(({ rule }) => rule)).toContain(
    'the target has changed; the old intent must be resolved first',
  );
  const [first = 0, second = 0] = found.sent;
  expect(second - first).toBeGreaterThanOrEqual(world.config.policy.settleWindowMs);
});

test.concurrent('sends nothing under another ETag while it is open', async () => {
  const subject = createSubject(world.sandbox);
  const found = await unknown(subject, () =>
    world.sandbox.actOnCall(subject.callId, { action: 'bump-etag' }),
  );
  expect(found.record.outcome).toMatchObject({ status: 'transferred', isFallback: false });
  expect(found.effects).toHaveLength(1);
  const [first = 0, second = 0] = found.sent;
  expect(second - first).toBeGreaterThanOrEqual(world.config.policy.settleWindowMs);
});

test.concurrent('a lost answer triggers a reading at once, in the same attempt', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ drop: 'after' }] });
  const { record } = await world.outcome(await world.submit(requestFor(subject)));
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
  expect(record.attempts).toBe(1);
});

test('a proof that gets a 429 holds off like all requests, and does not count as a reading', async () => {
  const subject = createSubject(world.sandbox);
  const { callId } = subject;
  world.sandbox.addScript({ operation: 'transfer', id: callId, steps: [{ status: 503, effect: true }] });
  const limited = { status: 429, headers: { 'retry-after': '1' } };
  world.sandbox.once('effect', () =>
    world.sandbox.addScript({ operation: 'call', id: callId, steps: [limited] }),
  );
  const { record, timeline } = await world.outcome(await world.submit(requestFor(subject)));
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
  expect(timeline.filter(({ decided }) => decided?.startsWith('hold off until'))).toHaveLength(1);
  expect(record.unconfirmedReads).toBe(0);
});
