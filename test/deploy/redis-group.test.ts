import { spawnSync } from 'node:child_process';
import { parseConfig } from '@handover/core/config';
import { checkAccess, connectRedis } from '@handover/core/redis';
import { type TestContext, test, vi } from 'vitest';
import { PATIENTLY } from '../support/patience.ts';
import { type Member, prepareRedisGroup } from '../support/redis-group.ts';

// The files of deploy/redis with real servers: the settings, and the script that determines the primary.

const PASSWORD = String.raw`with "quotes", a \ and spaces`;
const hasTimeout = spawnSync('timeout', ['1', 'true']).status === 0;
if (!hasTimeout) console.log('Skipped: the start script of deploy/redis, which needs timeout(1).');
const tried = test.skipIf(!hasTimeout).concurrent;

async function newGroup({ onTestFinished }: TestContext) {
  const group = await prepareRedisGroup(PASSWORD);
  onTestFinished(group.stop);
  return group;
}

async function startedGroup(context: TestContext) {
  const group = await newGroup(context);
  for (const member of [...group.sentinels, ...group.redises]) member.start();
  return { ...group, first: await group.whole() };
}

const other = (members: readonly Member[], than: Member) => members.filter((member) => member !== than);
/** Writes a key, and waits until another Redis has it too. */
async function write(primary: Member, key: string, others: readonly Member[]) {
  await vi.waitUntil(async () => (await primary.ask('SET', key, 'kept')) === 'OK', PATIENTLY);
  await vi.waitUntil(async () => (await read(others, key)).includes('kept'), PATIENTLY);
}
const read = (members: readonly Member[], key: string) =>
  Promise.all(members.map((member) => member.ask('GET', key)));

tried('a new group starts with the first Redis as primary, once all are up', async (context) => {
  const { expect, onTestFinished } = context;
  const group = await newGroup(context);
  const [first, ...replicas] = group.redises;
  first?.start();
  await first?.says('waiting until most Sentinels name the same primary');
  for (const sentinel of group.sentinels) sentinel.start();
  await first?.says('waiting: this is to be the primary with an empty disk');
  for (const replica of replicas) replica.start();
  const primary = await group.whole();
  expect(primary.name).toBe(first?.name);

  const settings = ['appendonly', 'maxmemory-policy', 'repl-diskless-sync-delay', 'min-replicas-*'];
  for (const redis of group.redises)
    await expect
      .poll(async () => pairs(await redis.ask('CONFIG', 'GET', ...settings)))
      .toEqual({
        appendonly: 'yes',
        'maxmemory-policy': 'noeviction',
        'repl-diskless-sync-delay': '0',
        'min-replicas-to-write': '1',
        'min-replicas-max-lag': '3',
      });
  for (const sentinel of group.sentinels)
    await expect
      .poll(async () => pairs(await sentinel.ask('SENTINEL', 'MASTER', 'handover')))
      .toMatchObject({
        quorum: '2',
        'down-after-milliseconds': '1500',
        'parallel-syncs': '2',
        'failover-timeout': '10000',
      });

  const config = parseConfig(
    { ...group.env, GENESYS_BASE_URL: 'http://localhost:1', API_KEYS: 'a=12345678' },
    'api',
  );
  const redis = connectRedis(config.redis, 'wait', 'test');
  onTestFinished(() => redis.disconnect());
  // Retries like the processes, in case the machine is too busy to answer in time.
  await expect
    .poll(() => checkAccess(redis, config.queuePrefix, { waitsForReplicas: true }))
    .toEqual({ usable: true, durability: { durable: true } });
});

tried('a killed primary follows its successor after a restart', async (context) => {
  const { expect } = context;
  const { redises, sentinels, primary, whole, first } = await startedGroup(context);
  const others = other(redises, first);
  await write(first, 'before', others);
  await first.kill();
  const second = await primary(others);
  await write(second, 'meanwhile', other(others, second));
  expect(await read([first], 'before')).toEqual([undefined]);
  first.start();
  expect(await whole()).toBe(second);
  await expect.poll(() => read(redises, 'meanwhile')).toEqual(['kept', 'kept', 'kept']);
  await expect.poll(() => read(redises, 'before')).toEqual(['kept', 'kept', 'kept']);

  // All are restarted, the first one with older data than the others. It must not become the primary.
  await first.kill();
  await write(second, 'late', other(others, second));
  await Promise.all([...others, ...sentinels].map((member) => member.kill()));
  for (const member of [first, ...other(others, second), ...sentinels]) member.start();
  await Promise.any(sentinels.map((sentinel) => sentinel.says('-failover-abort-no-good-slave')));
  second.start();
  expect(await whole()).toBe(second);
  await expect.poll(() => read(redises, 'late')).toEqual(['kept', 'kept', 'kept']);
});

tried('a primary that restarts with an empty disk does not wipe the others', async (context) => {
  const { expect } = context;
  const { redises, whole, first } = await startedGroup(context);
  await write(first, 'before', other(redises, first));
  await first.kill();
  await first.wipe();
  first.start();
  expect(await whole()).not.toBe(first);
  await expect.poll(() => read(redises, 'before')).toEqual(['kept', 'kept', 'kept']);
});

tried('Sentinels with lost disks find the primary again', async (context) => {
  const { expect } = context;
  const { redises, sentinels, primary, namedBy, whole, first } = await startedGroup(context);
  await first.kill();
  const second = await primary(other(redises, first));
  first.start();
  await whole();

  // One of them, while no Redis runs.
  const [one, ...rest] = sentinels;
  await Promise.all([...redises.map((redis) => redis.kill()), one?.kill()]);
  await one?.wipe();
  one?.start();
  expect(await firstWord(one)).toBe(second.name);
  for (const redis of redises) redis.start();
  expect(await whole()).toBe(second);

  // All of them, while the Redis keep running.
  await Promise.all(sentinels.map((sentinel) => sentinel.kill()));
  await Promise.all(sentinels.map((sentinel) => sentinel.wipe()));
  one?.start();
  expect(await firstWord(one)).toBe(second.name);
  for (const sentinel of rest) sentinel.start();
  expect(await whole()).toBe(second);

  function firstWord(sentinel: Member | undefined) {
    return vi.waitUntil(() => sentinel && namedBy(sentinel), PATIENTLY);
  }
});

function pairs(flat: unknown): Record<string, string> {
  const list = flat as string[];
  return Object.fromEntries(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : [])));
}
