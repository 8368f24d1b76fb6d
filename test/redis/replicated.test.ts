import { setTimeout as sleep } from 'node:timers/promises';
import {
  connectRedis,
  createProgress,
  createRecordStore,
  createReplicatedWriter,
  createTransferStore,
  TooFewReplicas,
  watchPresence,
} from '@handover/core/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { intentOf, openTestLane, requestOf, type TestLane, UPSTREAM } from '../support/lane.ts';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.ts';
import { PATIENTLY } from '../support/patience.ts';
import { startRedisProxy } from '../support/redis-proxy.ts';

let primary: OwnRedis;
let replica: OwnRedis;
let admin: Redis;
let lane: TestLane;
beforeAll(async () => {
  primary = await startOwnRedis();
  replica = await startOwnRedis({
    extraArgs: ['--replicaof', '127.0.0.1', String(primary.port), '--repl-diskless-sync-delay', '0'],
  });
  admin = new Redis(primary.url);
  lane = openTestLane({ url: primary.url });
  await vi.waitUntil(async () => (await admin.info('replication')).includes('state=online'), PATIENTLY);
});
afterAll(async () => {
  admin.disconnect();
  await lane.close();
  await Promise.all([primary.stop(), replica.stop()]);
});

/** A store whose intents need this many replicas, over its own connection. */
async function recordsOf(needed: number) {
  const intents = connectRedis({ url: primary.url }, 'answer-now', 'test-intents');
  await new Promise((resolve) => intents.once('ready', resolve));
  // A busy machine may be late; those that do not come are not awaited long.
  if (intents instanceof Redis) intents.options.commandTimeout = 60_000;
  const replicated = createReplicatedWriter(intents, { needed, withinMs: needed > 1 ? 300 : 50_000 });
  const records = createRecordStore(lane.redis, lane.lane, {
    retentionMs: 60_000,
    isBilled: false,
    replicated,
    latestFenceMs: 60_000,
  });
  return { records, replicated, close: () => intents.disconnect() };
}

async function begun() {
  const id = await lane.accept();
  return { id, epoch: await lane.begin(id) };
}
const written = () => {
  const intent = intentOf();
  return { intentId: intent.id, compared: '', intents: [intent] };
};

describe('an intent', () => {
  test('counts once the replica has it', async () => {
    const { records, close } = await recordsOf(1);
    const { id, epoch } = await begun();
    const intent = written();
    expect(await records.fence(id, epoch, intent, [])).toMatchObject({ fenced: true });
    // WAIT guarantees this: the replica has it before anything is sent.
    const second = new Redis(replica.url);
    expect(await second.hget(lane.keys.record(id), 'openIntent')).toBe(intent.intentId);
    second.disconnect();
    close();
  });

  test('does not count with too few replicas: held, and reported as written', async () => {
    const { records, close } = await recordsOf(2);
    const { id, epoch } = await begun();
    expect(await records.fence(id, epoch, written(), [])).toMatchObject({
      ...{ fenced: false, why: 'held', written: true },
      rule: '1 of 2 replicas of Redis have the intent',
    });
    close();
  });

  test('shares its WAIT with concurrent ones', async () => {
    const { records, close } = await recordsOf(1);
    const runs = await Promise.all(Array.from({ length: 40 }, begun));
    await admin.config('RESETSTAT');
    const fenced = await Promise.all(runs.map(({ id, epoch }) => records.fence(id, epoch, written(), [])));
    expect(fenced.every((one) => one.fenced)).toBe(true);
    const waits = Number(/cmdstat_wait:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1]);
    expect(waits).toBeLessThan(10);
    close();
  });
});

test('a late answer to the fence is ignored: another primary may have taken over', async () => {
  const proxy = await startRedisProxy(primary.port);
  const redis = connectRedis({ url: `redis://127.0.0.1:${proxy.port}` }, 'wait', 'test-late');
  await redis.ping();
  const records = createRecordStore(redis, lane.lane, { retentionMs: 60_000, isBilled: false });
  const { id, epoch } = await begun();
  proxy.hold();
  const fenced = records.fence(id, epoch, written(), []);
  await sleep(1_100);
  proxy.release();
  expect(await fenced).toMatchObject({
    ...{ fenced: false, why: 'held', written: true, rule: expect.stringMatching(/took \d+ ms to answer/) },
  });
  redis.disconnect();
  await proxy.close();
});

test.each([
  [1, 'begun'],
  [2, 'held'],
])('with %i required replicas and one following, a run is %s', async (neededReplicas, what) => {
  const progress = createProgress();
  const { leave, known } = watchPresence(lane.redis, {
    ...{ prefix: lane.prefix, recoveryMs: 60_000, neededReplicas, progress },
    ...{ onForgotten: () => undefined, onSilent: () => undefined },
  });
  await vi.waitUntil(() => known().replicas === 1, PATIENTLY);
  const begun = await lane.records.begin(await lane.accept());
  expect(begun.begun ? 'begun' : begun.why).toBe(what);
  await leave();
});

test('an acceptance on too few replicas is reported as unavailable, but is stored', async () => {
  const { replicated, close } = await recordsOf(2);
  const store = createTransferStore(lane.redis, lane.lane, { deadlineMs: 60_000, replicated });
  const submission = { id: 'accepted', request: requestOf(), actor: UPSTREAM };
  await expect(store.accept(submission)).rejects.toThrow(TooFewReplicas);
  expect((await lane.record('accepted')).status).toBe('queued');
  close();
});
