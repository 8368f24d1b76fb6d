import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  checkAccess,
  checkDurability,
  connectRedis,
  createFollowUpStore,
  type RedisSettings,
  redisNow,
} from '@handover/core/redis';
import { followUpId } from '@handover/core/transfer';
import { Redis } from 'ioredis';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { createCache } from '../../packages/core/src/genesys/http/cache.ts';
import { createHoldOff } from '../../packages/core/src/redis/pace/hold-off.ts';
import { startFoundRedis } from '../../scripts/redis.mjs';
import { startCluster } from '../support/cluster.ts';
import {
  deadLetter,
  intentOf,
  openTestLane,
  requestOf,
  settlementOf,
  UPSTREAM,
  WORKER,
} from '../support/lane.ts';
import { PATIENTLY } from '../support/patience.ts';
import { freePort } from '../support/ports.ts';

let cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  const steps = cleanUp.reverse();
  cleanUp = [];
  for (const step of steps) await step();
});

/** Runs every script once, over this connection. */
async function wholeLife(settings: RedisSettings): Promise<void> {
  const lane = openTestLane(settings);
  cleanUp.push(lane.close);
  const { store, records } = lane;
  const request = requestOf();
  const idempotency = { route: 'r', key: 'k', fingerprint: 'f' };
  const submit = (id: string) => store.accept({ id, request, actor: UPSTREAM, idempotency });
  expect(await submit('t-1')).toMatchObject({ accepted: true });
  expect(await submit('t-2')).toMatchObject({ accepted: 'before', id: 't-1' });
  const epoch = await lane.begin('t-1');
  const intent = intentOf();
  const written = { intentId: intent.id, compared: '', intents: [intent] };
  expect(await records.fence('t-1', epoch, written, [])).toMatchObject({ fenced: true });
  const leaves = [{ kind: 'wrap-up', data: {}, afterMs: 0, forMs: 60_000 } as const];
  const settled = await records.settle('t-1', settlementOf({ guard: 'attempt', epoch, leaves }), []);
  expect(settled).toMatchObject({ settled: true });
  const followUps = createFollowUpStore(lane.redis, lane.lane);
  const { followUp } = (await followUps.find(followUpId('t-1', 1))) ?? {};
  expect(followUp && (await followUps.note({ ...followUp, state: 'done' }, 0))).toBe('noted');
  expect(await lane.record('t-1')).toMatchObject({ status: 'transferred' });
  expect(await store.counts()).toEqual({ open: 0, unconfirmed: 0, deadLetters: 0 });

  const dead = await deadLetter(lane);
  expect(await store.replay(dead, WORKER, 'again')).toMatchObject({ replayed: true });
  expect(await lane.begin(dead)).toBe(2);
  expect(await store.overdue(10)).toMatchObject({ deadlines: [], due: [] });

  const holdOff = createHoldOff(lane.redis, lane.keys.holdOff);
  expect(await holdOff.raise(5_000)).toBe(await holdOff.heldUntil());
  const cache = createCache(lane.redis, lane.lane, 1_000);
  const load = async () => ({ ok: true as const, value: 'open', ageMs: 0, requests: [] });
  const what = { kind: 'queue' as const, id: 'q', ttlMs: 1_000 };
  expect(await cache.remember(what, load)).toEqual(await load());
  expect(await checkDurability(lane.redis)).toEqual({ durable: true });
}

/** The test's own Redis server, in its own folder. */
async function startServer(more: { port?: number; extraArgs?: string[] } = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'handover-connections-'));
  cleanUp.push(() => rm(dir, { recursive: true, force: true }));
  const root = resolve(import.meta.dirname, '../..');
  const server = await startFoundRedis({ root, log: () => undefined, server: { dir, ...more } });
  cleanUp.push(() => server.stop());
  return { dir, ...server };
}

/** A Cluster of one node, and a connection to that node alone. */
async function startOneNode() {
  // The cluster bus uses the port plus 10,000, which must be valid too.
  const port = await freePort();
  // A node that has met no other does not know its address.
  const extraArgs = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];
  const { url } = await startServer({ port, extraArgs });
  const node = new Redis(url);
  cleanUp.push(async () => node.disconnect());
  await node.cluster('ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => slot));
  await vi.waitUntil(async () => String(await node.cluster('INFO')).includes('cluster_state:ok'), PATIENTLY);
  return { node, port };
}

test('commands of one event-loop turn are sent in one write, in order', async () => {
  const redis = connectRedis({ url: inject('redisUrl') }, 'wait', 'test') as Redis;
  cleanUp.push(async () => redis.disconnect());
  await redis.ping();
  const one = vi.spyOn(redis.stream, '_write');
  const many = vi.spyOn(redis.stream, '_writev');
  const texts = Array.from({ length: 20 }, (_, index) => `number ${index}`);
  for (const turn of [1, 2]) {
    expect(await Promise.all(texts.map((text) => redis.echo(text)))).toEqual(texts);
    expect(many).toHaveBeenCalledTimes(turn);
  }
  expect(one).not.toHaveBeenCalled();
  expect(await redis.echo('alone')).toBe('alone');
});

test('everything works on a Redis Cluster, under one hash slot', async () => {
  const { port } = await startOneNode();
  await wholeLife({
    url: 'redis://127.0.0.1:1',
    cluster: { nodes: [{ host: '127.0.0.1', port }], prefix: '{c}' },
  });
});

test('an unresponsive other Cluster node blocks no command, not even one without keys', async () => {
  const cluster = await startCluster({ replicas: 0 });
  cleanUp.push(cluster.stop);
  const prefix = '{a}';
  const ours = await cluster.primaryOf(prefix);
  const nodes = [{ host: '127.0.0.1', port: ours.port }];
  const settings = { url: ours.url, cluster: { nodes, prefix: prefix } };
  const redis = connectRedis(settings, 'answer-now', 'test').on('error', () => undefined);
  cleanUp.push(async () => redis.disconnect());
  await once(redis, 'ready');
  for (const node of cluster.nodes) if (node !== ours) process.kill(node.pid, 'SIGSTOP');
  cleanUp.push(async () => {
    for (const node of cluster.nodes) if (node !== ours) process.kill(node.pid, 'SIGCONT');
  });
  for (let time = 0; time < 20; time += 1) await expect.poll(() => redisNow(redis)).toBeGreaterThan(0);
  await expect
    .poll(() => checkAccess(redis, prefix, { waitsForReplicas: true }))
    .toMatchObject({ usable: true });
});

test('everything works through a Sentinel', async () => {
  const master = await startServer();
  const port = await freePort();
  const conf = join(master.dir, 'sentinel.conf');
  await writeFile(conf, `bind 127.0.0.1\nport ${port}\nsentinel monitor our 127.0.0.1 ${master.port} 1\n`);
  const { path, libraryPath } = master.program;
  const env = { ...process.env, LC_ALL: 'C', ...(libraryPath ? { LD_LIBRARY_PATH: libraryPath } : {}) };
  const sentinel = spawn(path, [conf, '--sentinel'], { env, stdio: 'ignore', cwd: master.dir });
  cleanUp.push(() => end(sentinel));
  const nodes = [{ host: '127.0.0.1', port }];
  const settings = { url: 'redis://127.0.0.1:1/2', sentinels: { nodes, master: 'our' } };
  await wholeLife(settings);

  // The URL still selects the database.
  const lane = openTestLane(settings);
  const second = new Redis(`${master.url}/2`);
  cleanUp.push(lane.close, async () => second.disconnect());
  await lane.accept();
  expect((await second.keys(`${lane.prefix}*`)).length).toBeGreaterThan(0);
});

test('a user and a password with special characters reach a plain Redis and a Cluster', async () => {
  const { node, port } = await startOneNode();
  await node.acl('SETUSER', 'tra:in', 'on', '>p@ss/w:rd%', '~*', '&*', '+@all');
  await node.acl('SETUSER', 'default', 'off');
  const url = `redis://tra%3Ain:p%40ss%2Fw%3Ard%25@127.0.0.1:${port}`;
  await wholeLife({ url });
  await wholeLife({ url, cluster: { nodes: [{ host: '127.0.0.1', port }], prefix: '{c}' } });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
