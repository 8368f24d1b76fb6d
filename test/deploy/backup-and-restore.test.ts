import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bill } from '@handover/core/billing';
import { queueDelivery, redisKeys, redisNow } from '@handover/core/redis';
import { isOutcome, type StoredTransfer } from '@handover/core/transfer';
import { Redis } from 'ioredis';
import { describe, type TestContext, test, vi } from 'vitest';
import { BILLING_SECRET, billingEnv, watchBilling } from '../support/billing.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { PATIENTLY } from '../support/patience.ts';
import { freePort } from '../support/ports.ts';
import { openFaultWorld, type Process } from '../support/processes.ts';
import { runBeside, runScript, startScript } from '../support/redis-scripts.ts';
import { ordinaryBody, post } from '../support/upstream.ts';
import { openWorld, type World, type WorldOptions } from '../support/world.ts';

const RATE_MS = 40;
const LOAD_MS = 1_200;
const RESTORED = 'it was restored from a backup';
const patient = { timeout: 300_000 };

/** The test's own Redis, whose snapshots do not wait for replicas, and paths for backup and restore. */
async function openRedis({ onTestFinished }: TestContext, extraArgs: string[] = []) {
  const redis = await startOwnRedis({ extraArgs: ['--repl-diskless-sync-delay', '0', ...extraArgs] });
  onTestFinished(redis.stop);
  const backups = join(redis.dir, 'backups');
  await mkdir(backups);
  return { redis, backups, file: join(backups, 'backup.rdb'), restored: join(redis.dir, 'restored') };
}

/** The same with a password. */
async function openLockedRedis(context: TestContext, password: string) {
  const own = await openRedis(context);
  const client = new Redis(own.redis.url);
  await client.config('SET', 'requirepass', password);
  client.disconnect();
  return own;
}

/** A Redis with a world whose workers run in this process. */
async function openSmallWorld(context: TestContext, env?: WorldOptions['env']) {
  const own = await openRedis(context);
  const world = await openWorld({ workers: 0, redisUrl: own.redis.url, ...(env && { env }) });
  context.onTestFinished(() => world.close());
  return { ...own, world };
}

/** The environment of a backup: the Redis URL and the prefix. */
const addressOf = ({ env }: Pick<World, 'env'>) => ({
  REDIS_URL: env.REDIS_URL ?? '',
  QUEUE_PREFIX: env.QUEUE_PREFIX ?? '',
});

/** Submits until it is accepted: `503` is the answer of a Redis that is late. */
const accepted = (url: string, body: object, key: string) =>
  vi.waitUntil(async () => {
    const reply = await post(url, body, key);
    if (reply?.status !== 503 && reply?.status !== 202) throw new Error(JSON.stringify(reply));
    return reply.status === 202 && reply;
  }, PATIENTLY);

const readyOf = async ({ url }: Process) => (await fetch(`${url}/readyz`)).json();

test.concurrent(
  'holds what was moved after the backup, and moves nothing twice, even if every upstream resubmits',
  patient,
  async (context) => {
    const { expect, onTestFinished } = context;
    const { redis, file, restored } = await openRedis(context);
    const env = { GENESYS_TIMEOUT_MS: '6000', SETTLE_WINDOW_MS: '7000', UNCONFIRMED_MAX_MS: '30000' };
    const { world, processes, close } = await openFaultWorld(env, { redisUrl: redis.url });
    onTestFinished(close);
    let workers = await processes.startWorkers(2);
    let api = await processes.startReady('api');

    let isOver = false;
    const bodies = new Map<string, ReturnType<typeof ordinaryBody>>();
    const firstIds = new Map<string, string | undefined>();
    const upstream = (async () => {
      while (!isOver) {
        const key = randomUUID();
        const body = ordinaryBody(world);
        bodies.set(key, body);
        void post(`${api.url}/api/transfers`, body, key).then((reply) => firstIds.set(key, reply?.body.id));
        await sleep(RATE_MS);
      }
    })();
    await sleep(LOAD_MS);
    const backup = await runScript(redis, 'backup', [file], addressOf(world));
    expect(backup).toMatchObject({ code: 0, err: '', out: expect.stringContaining(`${file}: `) });
    const earlier = new Set([...bodies.values()].map(({ callId }) => callId));
    const movedSince = () => world.sandbox.ledger.entries().filter(({ callId }) => !earlier.has(callId));
    await expect.poll(() => movedSince().length).toBeGreaterThan(10);
    expect(await world.redis.hget(redisKeys(world.config.queuePrefix).known, 'backup')).toBeNull();
    await expect.poll(() => readyOf(api)).toMatchObject({ status: 'ready', recovery: { state: 'none' } });
    isOver = true;
    await upstream;

    await Promise.all([...workers, api].map((process) => process.stop(60_000)));
    await redis.kill();
    const moves = (callId: string | undefined) => world.effects(callId ?? '').length;
    const moved = new Set(world.sandbox.ledger.entries().map(({ callId }) => callId));
    const restore = await runScript(redis, 'restore', [file, restored], addressOf(world));
    expect(restore).toMatchObject({ code: 0, err: '', out: expect.stringContaining('keys of') });
    await redis.restartOn({ dir: restored });
    workers = await processes.startWorkers(2);
    api = await processes.startReady('api');
    for (const process of [api, ...workers])
      expect(await readyOf(process)).toMatchObject({ recovery: { state: 'open', why: RESTORED } });

    const transfers: StoredTransfer[] = [];
    const forgotten: StoredTransfer[] = [];
    for (const [key, body] of bodies) {
      const reply = await accepted(`${api.url}/api/transfers`, body, key);
      const id = reply.body.id ?? '';
      const transfer = await world.until(id, ({ record }) => isOutcome(record.status) || record.parked);
      transfers.push(transfer);
      if (id !== firstIds.get(key)) forgotten.push(transfer);
    }
    const held = transfers.filter(({ record }) => record.parked && record.held !== null);
    console.log(
      `backup and restore: ${transfers.length} submissions, ${forgotten.length} after the backup, ` +
        `${JSON.stringify(tally(transfers))}, ${held.length} held for an operator`,
    );
    const isMoved = ({ record }: StoredTransfer) => moved.has(record.request?.callId ?? '');
    expect(forgotten.filter(isMoved).length).toBeGreaterThan(0);
    expect(transfers.filter(({ record }) => moves(record.request?.callId) > 1)).toEqual([]);
    expect(forgotten.filter((one) => isMoved(one) && one.record.held === null)).toEqual([]);
    const settled = transfers.filter(({ record }) => isOutcome(record.status));
    expect(contradictions(world.sandbox, settled)).toEqual([]);

    // The operator's list: each held transfer with its call and its evidence.
    const letters = (await (await fetch(`${api.url}/api/dead-letters?limit=1000`)).json()) as {
      items: { id: string; kind: string; request: { callId: string } }[];
    };
    expect(letters.items.map(({ id }) => id).sort()).toEqual(held.map(({ record }) => record.id).sort());
    expect(new Set(letters.items.map(({ kind }) => kind))).toEqual(new Set(['held']));
    for (const { id } of letters.items)
      expect((await world.get(id)).timeline.at(-1)).toMatchObject({
        step: 'parked',
        rule: expect.stringContaining('lost the record of a move'),
      });
    const [one, other] = letters.items;
    const act = (id = '', what = '', body = {}) => post(`${api.url}/api/dead-letters/${id}/${what}`, body);
    const word = await act(one?.id, 'resolve', { happened: true, reason: 'it rang at the support queue' });
    expect(word).toMatchObject({ status: 200, body: { status: 'transferred' } });
    await act(other?.id, 'replay', { reason: 'it was not moved' });
    expect((await world.outcome(other?.id ?? '')).record.status).toBe('transferred');
    expect([moves(one?.request.callId), moves(other?.request.callId)]).toEqual([1, 2]);
  },
);

describe.concurrent('after an orderly stop of all processes, a restore starts the recovery period', () => {
  type Small = Awaited<ReturnType<typeof openSmallWorld>>;

  async function untilOpen(context: TestContext, back: (small: Small) => Promise<void>): Promise<void> {
    const { expect } = context;
    const small = await openSmallWorld(context);
    const { world } = small;
    const before = await world.startOne();
    await world.outcome(await world.submit());
    await before.close();
    await back(small);
    const after = await world.startOne();
    await expect.poll(after.ready).toMatchObject({ recovery: { state: expect.stringMatching(/none|open/) } });
    expect(await after.ready()).toMatchObject({ recovery: { state: 'open', why: RESTORED } });
  }

  test('by restore.sh', patient, (context) =>
    untilOpen(context, async ({ redis, file, restored, world }) => {
      await runScript(redis, 'backup', [file], addressOf(world));
      await runScript(redis, 'restore', [file, restored]);
      await redis.restartOn({ dir: restored });
    }),
  );

  test('by hand, since the file contains the mark', patient, (context) =>
    untilOpen(context, async ({ redis, file, restored, world }) => {
      await runScript(redis, 'backup', [file], addressOf(world));
      await mkdir(restored);
      await copyFile(file, join(restored, 'dump.rdb'));
      await redis.restartOn({ dir: restored, appendonly: false });
    }),
  );

  test('by restore.sh from a snapshot of an older Handover without the mark', patient, (context) =>
    untilOpen(context, async ({ redis, file, restored, world }) => {
      await world.redis.del(redisKeys(world.config.queuePrefix).known);
      await runBeside(redis, ['redis-cli', '-u', redis.url, '--rdb', file]);
      await runScript(redis, 'restore', [file, restored], addressOf(world));
      await redis.restartOn({ dir: restored });
    }),
  );
});

const bill: Bill = {
  id: 'b-1',
  eventId: 'e-1',
  callId: 'call-1',
  transferType: 'blind',
  target: { id: 'support' },
  timestamp: '2026-11-22T10:00:00.000Z',
  billingCode: 'TRANSFER_BLIND',
};

test.concurrent(
  'a bill that was delivered after the backup is delivered again with the same key',
  patient,
  async (context) => {
    const { expect, onTestFinished } = context;
    let at = 'open';
    context.onTestFailed(() => console.log(`it was at: ${at}`));
    const { redis, file, restored, world } = await openSmallWorld(context, (url) => billingEnv(url));
    const { sandbox } = world;
    const billing = watchBilling(world);
    onTestFinished(async () => void (await billing.close()));
    sandbox.changeSettings({ billingSecret: BILLING_SECRET });
    const [http] = billing.deliveries;
    if (http === undefined) throw new Error('no queue of deliveries');
    at = 'queue';
    await queueDelivery(http, bill, await redisNow(world.redis));
    at = 'backup';
    await runScript(redis, 'backup', [file], addressOf(world));
    at = 'start';
    const before = await world.startOne();
    at = 'first delivery';
    await expect.poll(() => sandbox.billing.entries()).toMatchObject([{ key: bill.id, requests: 1 }]);
    at = 'close';
    await before.close();
    at = 'restore';
    await runScript(redis, 'restore', [file, restored]);
    at = 'restart';
    await redis.restartOn({ dir: restored });
    at = 'second start';
    await world.startOne();
    await expect.poll(() => sandbox.billing.entries()).toMatchObject([{ key: bill.id, requests: 2 }]);
  },
);

describe.concurrent('backup.sh', () => {
  /** Leaves nothing behind: no file, complete or partial, and no mark. */
  async function expectNothing({ expect }: TestContext, backups: string, world?: World) {
    expect(await readdir(backups)).toEqual([]);
    if (world === undefined) return;
    expect(await world.redis.hget(redisKeys(world.config.queuePrefix).known, 'backup')).toBeNull();
  }

  test('uses the password of the URL, and reports a wrong one in one line', async (context) => {
    const { expect } = context;
    const { redis, backups, file } = await openLockedRedis(context, 'p@ss word');
    const url = (password: string) => redis.url.replace('//', `//:${encodeURIComponent(password)}@`);
    const wrong = await runScript(redis, 'backup', [file], { REDIS_URL: url('wrong') });
    expect(wrong).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^backup\.sh: .*WRONGPASS.*$/),
    });
    await expectNothing(context, backups);
    const right = await runScript(redis, 'backup', [file], { REDIS_URL: url('p@ss word') });
    expect(right).toMatchObject({ code: 0, err: '' });
    expect(right.out).not.toContain('ss');
  });

  test('accepts the options of redis-cli, and protects its file from others', async (context) => {
    const { expect } = context;
    const { redis, file } = await openLockedRedis(context, 'secret');
    const options = ['-h', '127.0.0.1', '-p', String(redis.port)];
    const said = await runScript(redis, 'backup', [file, ...options], { REDISCLI_AUTH: 'secret' });
    expect(said).toMatchObject({ code: 0, err: '' });
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  test('reports an unreachable Redis in one line', async (context) => {
    const { expect } = context;
    const { redis, backups, file } = await openRedis(context);
    const url = `redis://127.0.0.1:${await freePort()}`;
    const said = await runScript(redis, 'backup', [file], { REDIS_URL: url });
    expect(said).toMatchObject({ code: 1, out: '' });
    expect(said.err).toMatch(/^backup\.sh: redis:\/\/127\.0\.0\.1:\d+ does not answer INFO: .*refused.*$/);
    await expectNothing(context, backups);
  });

  test('removes its mark if there is no snapshot', async (context) => {
    const { expect } = context;
    const { redis, backups, file, world } = await openSmallWorld(context);
    await (world.redis as Redis).call('ACL', 'SETUSER', 'default', '-sync');
    const said = await runScript(redis, 'backup', [file], addressOf(world));
    expect(said).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/gives no snapshot: .*\+sync/),
    });
    await expectNothing(context, backups, world);
  });

  test('removes its mark on a signal', async (context) => {
    const { expect } = context;
    const { redis, backups, file, world } = await openSmallWorld(context);
    // The snapshot waits for further replicas.
    for (const [name, value] of Object.entries({
      'repl-diskless-sync': 'yes',
      'repl-diskless-sync-delay': '60',
    }))
      await (world.redis as Redis).config('SET', name, value);
    const running = startScript(redis, 'backup', [file], addressOf(world));
    await expect.poll(() => readdir(backups)).not.toEqual([]);
    running.kill('SIGTERM');
    expect(await running.said).toMatchObject({ code: 143 });
    await expectNothing(context, backups, world);
  });

  test('names the primary of a replica, and overwrites nothing', async (context) => {
    const { expect } = context;
    const { redis, file } = await openRedis(context, ['--replicaof', '127.0.0.1', '1']);
    const replica = await runScript(redis, 'backup', [file], { REDIS_URL: redis.url });
    expect(replica).toMatchObject({ code: 1, err: expect.stringContaining('is a replica of 127.0.0.1:1') });
    await writeFile(file, 'another backup');
    const again = await runScript(redis, 'backup', [file], { REDIS_URL: redis.url });
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is there already') });
  });
});

describe.concurrent('restore.sh', () => {
  test('refuses a directory with existing data', async (context) => {
    const { expect } = context;
    const { redis, file } = await openRedis(context);
    await runScript(redis, 'backup', [file], { REDIS_URL: redis.url });
    const before = await readdir(redis.dir);
    const said = await runScript(redis, 'restore', [file, redis.dir]);
    expect(said).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('has data of a Redis already'),
    });
    expect(await readdir(redis.dir)).toEqual(before);
  });

  test('leaves nothing behind of a failed restore, and reports why', async (context) => {
    const { expect } = context;
    const { redis, file, restored } = await openRedis(context);
    await writeFile(file, 'no snapshot');
    const broken = await runScript(redis, 'restore', [file, restored]);
    expect(broken).toMatchObject({
      code: 1,
      err: expect.stringContaining('is no backup that this Redis can read'),
    });
    await runBeside(redis, ['rm', file]);
    await runBeside(redis, ['redis-cli', '-u', redis.url, '--rdb', file]);
    const empty = await runScript(redis, 'restore', [file, restored]);
    expect(empty).toMatchObject({
      code: 1,
      err: expect.stringContaining('has no key of Handover ({handover}:'),
    });
    expect(await readdir(restored)).toEqual([]);
  });
});
