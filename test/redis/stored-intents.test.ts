import { randomUUID } from 'node:crypto';
import { effectKinds, type Intent, intentStates } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readIntent, storedIntent } from '../../packages/core/src/redis/transfers/intents.ts';
import { deferralOf, intentOf, markOf, openTestLane, type TestLane } from '../support/lane.ts';

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

/** As written by a build before 0.1.0, with flags instead of a state. */
const old = (flags: object) => ({
  ...{ id: 'i', at: 5, etag: '"1"', transferType: 'blind', target: { type: 'queue', id: 'support' } },
  ...{ isFallback: false, before: {}, sends: 1, ...flags },
});

const kinds: [object, Intent['state']][] = [
  [{ open: true, doubt: false }, 'sending'],
  [{ open: true, doubt: true }, 'sending-again'],
  [{ open: true, doubt: true, answer: 'unknown' }, 'in-doubt'],
  [{ open: true, doubt: false, answer: 'refused' }, 'refused'],
  [{ open: true, doubt: true, answer: 'refused' }, 'refused-in-doubt'],
  [{ open: false, doubt: true, answer: 'unknown' }, 'closed-in-doubt'],
  [{ open: false, doubt: true, answer: 'refused' }, 'closed-in-doubt'],
  [{ open: false, doubt: false }, 'closed'],
  [{ open: false, doubt: false, answer: 'refused' }, 'closed'],
];

test.each(kinds)('reads %j of a build before 0.1.0 as %s', async (flags, state) => {
  const id = await lane.accept();
  await lane.begin(id);
  await lane.redis.hset(lane.keys.record(id), 'intents', JSON.stringify([old(flags)]));
  const expected = intentOf({ id: 'i', at: 5, state });
  expect((await lane.record(id)).intents).toEqual([expected]);
});

test.each(intentStates)('%s round-trips, and older builds understand it', async (state) => {
  const mark = { ...markOf('"7"'), leg: 'l', data: { commands: ['c'] } };
  const intent = intentOf({ id: randomUUID(), at: 7, mark, repeatable: 'same-leg', state });
  const id = await lane.accept();
  await lane.records.defer(id, await lane.begin(id), deferralOf({ intents: [intent] }), []);
  expect((await lane.record(id)).intents).toEqual([intent]);
  // An effect that may have happened is in doubt for it too: it compares first, and resends under the same ETag only.
  const waits = ['in-doubt', 'accepted', 'refused-in-doubt', 'sending-again'].includes(state);
  const [stored] = JSON.parse((await lane.redis.hget(lane.keys.record(id), 'intents')) ?? '');
  expect(stored).toMatchObject({ etag: '"7"', ...(waits && { open: true, doubt: true }) });
});

test.each(effectKinds)(
  'what a %s leaves to be done, and its kind, are read as they were written',
  (effect) => {
    const leaves = [{ kind: 'wrap-up', data: { code: 'sold' }, afterMs: 1, forMs: 2 } as const];
    for (const intent of [intentOf({ effect, leaves }), intentOf({ effect })])
      expect(readIntent(JSON.parse(JSON.stringify(storedIntent(intent))))).toEqual(intent);
  },
);

test('changes of a build before 0.1.0 count, other fields stay', () => {
  const mark = { ...markOf('"7"'), data: { commands: ['c'] } };
  const stored = storedIntent(intentOf({ mark, state: 'accepted' }));
  const { open, doubt, answer } = stored;
  expect({ open, doubt, answer }).toEqual({ open: true, doubt: true, answer: 'unknown' });
  expect(readIntent({ ...stored, sends: 2 })).toMatchObject({ state: 'accepted', sends: 2, mark });
  expect(readIntent({ ...stored, open: false })).toMatchObject({ state: 'closed-in-doubt', mark });
  expect(readIntent({ ...stored, answer: 'refused' })).toMatchObject({ state: 'refused-in-doubt' });
  expect(readIntent({ ...stored, answer: undefined })).toMatchObject({ state: 'sending-again' });
});
