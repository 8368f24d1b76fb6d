import {
  createProgress,
  createRecordStore,
  type Presence,
  redisKeys,
  watchPresence,
} from '@handover/core/redis';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openTestLane, type TestLane } from '../support/lane.ts';
import { PATIENCE_MS, PATIENTLY } from '../support/patience.ts';

const RECOVERY_MS = 600_000;

let lane: TestLane;
const left: (() => Promise<void>)[] = [];
beforeEach(() => {
  lane = openTestLane();
});
afterEach(async () => {
  for (const leave of left.splice(0)) await leave();
  await lane.close();
});

const keys = () => redisKeys(lane.lane.prefix);
const redis = () => lane.redis as Redis;

/** A process as seen by Redis; resolves after its comparison. */
async function startProcess(saw?: number, progress = createProgress()) {
  if (saw !== undefined) progress.saw(saw);
  const forgotten: string[] = [];
  const changes: Presence[] = [];
  const watch = watchPresence(lane.redis, {
    ...{ prefix: lane.lane.prefix, recoveryMs: RECOVERY_MS, neededReplicas: 0, progress },
    onForgotten: (why) => forgotten.push(why),
    onChange: (presence) => changes.push(presence),
    onSilent: () => undefined,
  });
  left.push(watch.leave);
  // It gives up after 5 s, which a busy machine may need.
  await vi.waitUntil(
    () =>
      progress.untilCompared().then(
        () => true,
        () => false,
      ),
    PATIENTLY,
  );
  /** As after a failover: it last met another Redis than the one that it asks next. */
  const meetsAnother = async () => {
    progress.met('another');
    lane.redis.emit('ready');
  };
  return {
    progress,
    forgotten,
    changes,
    state: () => watch.known().recovery.state,
    leave: watch.leave,
    meetsAnother,
  };
}

/** As after a restart or a failover: a different run id. */
async function anotherRedis(): Promise<void> {
  await redis().hset(keys().known, 'run', 'another');
}

/** A process that crashed this many ms ago. */
async function lost(agoMs: number): Promise<void> {
  await redis().zadd(keys().processes, (await lane.now()) - agoMs, 'lost');
}

describe('Redis has lost no data', () => {
  test('without any of our keys: a first start', async () => {
    expect((await startProcess()).state()).toBe('none');
  });

  test('if it is another one, but all processes had signed off', async () => {
    await (await startProcess()).leave();
    await anotherRedis();
    expect((await startProcess()).state()).toBe('none');
  });

  test('if a process was lost, but Redis is the same', async () => {
    await startProcess();
    await lost(10_000);
    expect((await startProcess()).state()).toBe('none');
  });

  test('if it knows at least what each process saw', async () => {
    await redis().set(keys().progress, 7);
    const one = await startProcess(7);
    expect([one.state(), one.forgotten]).toEqual(['none', []]);
    expect(one.progress.highest()).toBe(7);
  });
});

describe('Redis has lost data, or may have', () => {
  test('if it knows less than a process saw: reported once, to all processes', async () => {
    await redis().set(keys().progress, 5);
    const one = await startProcess(7);
    expect(one.forgotten).toEqual([expect.stringContaining('its progress is 5, but a process had seen 7')]);
    expect(one.state()).toBe('open');
    const other = await startProcess(6);
    expect([other.state(), other.forgotten]).toEqual(['open', []]);
    expect(await redis().get(keys().progress)).toBe('7');
  });

  test('if it is another one, and a process is gone: unsure first, then open', async () => {
    await startProcess();
    await anotherRedis();
    await lost(10_000);
    const one = await startProcess();
    expect(one.state()).toBe('unsure');
    await expect.poll(one.state, { timeout: 60_000 }).toBe('open');
    expect(one.changes.at(-1)?.recovery).toMatchObject({
      why: expect.stringContaining('1 of the processes that used it are gone'),
    });
  });

  test('if another one went on further and lacks the last intent of a process', async () => {
    const progress = createProgress();
    const one = await startProcess(undefined, progress);
    const records = createRecordStore(lane.redis, lane.lane, {
      retentionMs: 60_000,
      isBilled: false,
      progress,
      latestFenceMs: PATIENCE_MS,
    });
    const id = await lane.accept();
    const intent = { intentId: 'i', compared: '', intents: [], knowsRecovery: true };
    await records.fence(id, await lane.begin(id), intent, []);
    await one.meetsAnother();
    await expect.poll(progress.run, { timeout: 60_000 }).not.toBe('another');
    expect([one.state(), one.forgotten]).toEqual(['none', []]);

    await redis().hdel(keys().known, `sent:${progress.id}`);
    await redis().incrby(keys().progress, 100);
    await one.meetsAnother();
    await expect.poll(one.state, { timeout: 60_000 }).toBe('open');
    expect(one.forgotten).toEqual(['it lacks the last intent of a process']);
    expect((await startProcess()).state()).toBe('open');
  });

  test('if it was restored from a backup', async () => {
    await (await startProcess()).leave();
    await redis().hset(keys().known, 'backup', 'the run of another Redis');
    expect((await startProcess()).state()).toBe('open');
    expect(await redis().hget(keys().known, 'backup')).toBeNull();
  });

  test('for the configured period', async () => {
    await redis().set(keys().progress, 5);
    await startProcess(7);
    const [since, until] = await redis().hmget(keys().recovery, 'since', 'until');
    expect(Number(until) - Number(since)).toBe(RECOVERY_MS);
  });
});

test('another Redis that matches all processes is in doubt only briefly', async () => {
  const one = await startProcess();
  await anotherRedis();
  const other = await startProcess();
  await expect.poll(() => redis().hget(keys().known, 'run'), { timeout: 60_000 }).not.toBe('another');
  expect([one.state(), other.state()].filter((state) => state === 'open')).toEqual([]);
});

test('writes raise the state that a process has seen', async () => {
  const { progress } = await startProcess();
  const before = progress.highest() ?? 0;
  await lane.accept();
  await expect.poll(() => progress.highest(), { timeout: 60_000 }).toBeGreaterThan(before);
});

describe('the fence', () => {
  const held = { fenced: false, why: 'held', rule: 'Redis may have lost data' };

  async function fence(knowsRecovery: boolean) {
    const id = await lane.accept();
    const epoch = await lane.begin(id);
    return lane.records.fence(id, epoch, { intentId: 'i', compared: '', intents: [], knowsRecovery }, []);
  }

  test('stays closed for a run that does not know of a possible data loss', async () => {
    await redis().hset(keys().recovery, 'until', (await lane.now()) + 60_000);
    expect(await fence(false)).toMatchObject(held);
    expect(await fence(true)).toMatchObject({ fenced: true });
  });

  test('stays closed if its process saw more than Redis knows', async () => {
    const progress = createProgress();
    progress.saw(1_000);
    const records = createRecordStore(lane.redis, lane.lane, {
      retentionMs: 60_000,
      isBilled: false,
      progress,
      latestFenceMs: PATIENCE_MS,
    });
    const id = await lane.accept();
    const epoch = await lane.begin(id);
    const intent = { intentId: 'i', compared: '', intents: [], knowsRecovery: true };
    expect(await records.fence(id, epoch, intent, [])).toMatchObject(held);
  });

  test('stays closed while that is unknown', async () => {
    await redis().hset(keys().recovery, 'unsureUntil', (await lane.now()) + 60_000);
    expect(await fence(false)).toMatchObject(held);
  });
});

test('starts no run while too few replicas follow, at no cost in requests', async () => {
  const id = await lane.accept();
  await redis().hset(keys().recovery, 'heldUntil', (await lane.now()) + 60_000);
  expect(await lane.records.begin(id)).toMatchObject({
    begun: false,
    why: 'held',
    rule: 'too few replicas of Redis',
  });
});
