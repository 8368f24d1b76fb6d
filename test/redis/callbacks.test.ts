import { sendAgain } from '@handover/core/callbacks';
import { createCallbackStore } from '@handover/core/redis';
import { transferOfCallback } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  deadLetter,
  deferralOf,
  failure,
  intentOf,
  openTestLane,
  parked,
  requestOf,
  settlementOf,
  type TestLane,
  UPSTREAM,
  WORKER,
} from '../support/lane.ts';

const DAY_MS = 86_400_000;
const OPERATOR = { type: 'operator', name: 'anna' } as const;
let lane: TestLane;
beforeAll(() => {
  lane = openTestLane({ url: inject('redisUrl') }, { keys: [UPSTREAM.name], forMs: DAY_MS });
});
afterAll(() => lane.close());

const told = async (id: string) => (await lane.record(id)).callbacks.map(({ type }) => type);
const waiting = (id: string) =>
  lane.redis
    .zrange(lane.keys.callbacks(UPSTREAM.name), '0', '-1')
    .then((all) => all.filter((one) => one.startsWith(id)));

/** Ends a run without an outcome. */
async function defer(id: string, given: Parameters<typeof deferralOf>[0]) {
  const epoch = await lane.begin(id);
  const intents = given?.intents ?? [];
  const [intent] = intents;
  if (intent !== undefined)
    await lane.records.fence(id, epoch, { intentId: intent.id, compared: '', intents }, []);
  return lane.records.defer(
    id,
    epoch,
    deferralOf({ status: 'unconfirmed', unconfirmedSince: 1, ...given }),
    [],
  );
}

test('an outcome is written with the callback that tells of it, and what it shows is kept as it was', async () => {
  const id = await lane.accept();
  await lane.begin(id);
  const outcome = { ...failure, detail: 'a "quote", ä and \u2028 <b>' };
  await lane.records.settle(id, settlementOf({ outcome, deadLetter: true }), []);
  const record = await lane.record(id);
  expect(record.callbacks).toEqual([
    {
      ...{ id: `${id}_1`, type: 'transfer.ended', at: record.settledAt, nextAt: record.settledAt },
      ...{ giveUpAt: record.settledAt + DAY_MS, state: 'waiting', tried: 0, tries: [] },
      shows: { status: 'failed', outcome, attempts: 1, expiresAt: record.expiresAt },
    },
  ]);
  expect(await waiting(id)).toEqual([`${id}_1`]);
  expect(transferOfCallback(`${id}_1`)).toBe(id);
  const ttl = await lane.redis.pttl(lane.keys.callbacks(UPSTREAM.name));
  expect(ttl).toBeGreaterThan(DAY_MS);

  await lane.store.replay(id, WORKER, 'again');
  await lane.records.settle(id, settlementOf(), []);
  expect((await lane.record(id)).callbacks.map(({ id, shows }) => [id, shows.status])).toEqual([
    [`${id}_1`, 'failed'],
    [`${id}_2`, 'transferred'],
  ]);
});

test('settling twice tells once', async () => {
  const id = await lane.accept();
  await lane.records.settle(id, settlementOf(), []);
  await lane.records.settle(id, settlementOf(), []);
  expect(await told(id)).toEqual(['transfer.ended']);
});

test('a doubt is told once until the transfer ends; an accepted request that is awaited is none', async () => {
  const id = await lane.accept();
  await defer(id, { intents: [intentOf({ state: 'accepted' })] });
  expect(await told(id)).toEqual([]);
  for (let times = 0; times < 3; times += 1) await defer(id, { intents: [intentOf({ state: 'in-doubt' })] });
  expect(await told(id)).toEqual(['transfer.unconfirmed']);
  expect((await lane.record(id)).callbacks[0]?.shows).toMatchObject({ status: 'unconfirmed', outcome: null });
  await lane.records.settle(id, settlementOf(), []);
  expect(await told(id)).toEqual(['transfer.unconfirmed', 'transfer.ended']);
});

test('a transfer that waits for something else is not told', async () => {
  const id = await lane.accept();
  await defer(id, { status: 'delayed', unconfirmedSince: 0 });
  expect(await told(id)).toEqual([]);
});

test('one that is left to an operator is told, if it was not before', async () => {
  const id = await parked(lane);
  expect(await told(id)).toEqual(['transfer.unconfirmed']);
});

test('a move that contradicts the outcome is told once, until the transfer ends again', async () => {
  const id = await deadLetter(lane);
  const seen = () => lane.records.settle(id, settlementOf({ guard: 'seen' }), []);
  expect(await seen()).toMatchObject({ why: 'contradicted' });
  await seen();
  expect(await told(id)).toEqual(['transfer.ended', 'transfer.contradicted']);
  const [, second] = (await lane.record(id)).callbacks;
  expect(second?.shows).toMatchObject({ status: 'failed', outcome: failure });
});

test('another API key, an operator, and a lane without receivers get none', async () => {
  const other = await lane.store.accept({
    ...{ id: 'other', request: requestOf(), actor: { type: 'apiKey', name: `${UPSTREAM.name}-2` } },
  });
  const operator = await lane.store.accept({
    ...{ id: 'operator', request: requestOf(), actor: { type: 'operator', name: UPSTREAM.name } },
  });
  expect([other.accepted, operator.accepted]).toEqual([true, true]);
  for (const id of ['other', 'operator']) await lane.records.settle(id, settlementOf(), []);
  expect([await told('other'), await told('operator')]).toEqual([[], []]);
  const plain = openTestLane();
  const id = await plain.accept();
  await plain.records.settle(id, settlementOf(), []);
  expect((await plain.record(id)).callbacks).toEqual([]);
  expect(await plain.redis.hexists(plain.keys.record(id), 'told')).toBe(0);
  await plain.close();
});

test('of two who change a callback only one does', async () => {
  const id = await lane.accept();
  await lane.records.settle(id, settlementOf(), []);
  const store = createCallbackStore(lane.redis, lane.lane);
  const found = await store.find(`${id}_1`);
  if (found === undefined) throw new Error('it is not there');
  const delivered = { ...found.callback, state: 'delivered' } as const;
  expect(await store.note(UPSTREAM.name, found.before, delivered)).toBe('noted');
  expect(await store.note(UPSTREAM.name, found.before, delivered)).toBe('stale');
  expect(await waiting(id)).toEqual([]);

  const ports = { store, now: lane.now, keys: [UPSTREAM.name] };
  const again = await sendAgain(ports, `${id}_1`, OPERATOR);
  expect(again).toMatchObject({ sent: true, callback: { state: 'waiting', id: `${id}_1` } });
  expect(await waiting(id)).toEqual([`${id}_1`]);
  expect(await sendAgain(ports, `${id}_2`, OPERATOR)).toEqual({ sent: false, why: 'unknown' });
  expect(await sendAgain({ ...ports, keys: [] }, `${id}_1`, OPERATOR)).toEqual({
    sent: false,
    why: 'no-receiver',
  });
});
