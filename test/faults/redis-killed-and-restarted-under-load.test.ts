import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { watchMachine } from '../support/machine.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { openFaultWorld } from '../support/processes.ts';
import { ordinaryBody, post, type Reply } from '../support/upstream.ts';
import type { World } from '../support/world.ts';

const KILLS = LONG ? 50 : 1;
const CLIENTS = 5;
/** The number of matching answers before the next kill or restart. */
const ANSWERS = 20;
/** Times are asserted with `FAULTS=long` only. */
const REFUSED_WITHIN_MS = 1_000;
const BACK_WITHIN_MS = 3_000;

/** One upstream: a transfer after another, each under a key of its own that it repeats until it gets its 202. */
async function submitUntil(over: () => boolean, world: World, url: string, replies: (Reply | undefined)[]) {
  const accepted: string[] = [];
  while (!over()) {
    const body = ordinaryBody(world);
    const key = randomUUID();
    for (let reply: Reply | undefined; reply?.status !== 202; ) {
      reply = await post(`${url}/api/transfers`, body, key);
      replies.push(reply);
      if (reply?.status === 202) accepted.push(reply.body.id ?? '');
      await sleep(40);
    }
  }
  return accepted;
}

test('Redis killed under load: 503 while it is down, automatic recovery, every 202 has one effect', {
  timeout: 180_000 + KILLS * 20_000,
}, async () => {
  const redis = await startOwnRedis();
  onTestFinished(() => redis.stop());
  const env = { REDIS_ALLOW_VOLATILE: 'false', GENESYS_TIMEOUT_MS: '8000', SETTLE_WINDOW_MS: '9000' };
  const { world, processes, close } = await openFaultWorld(env, { redisUrl: redis.url });
  onTestFinished(close);
  world.redis.on('error', () => undefined);
  world.queue.on('error', () => undefined);
  world.sandbox.changeSettings({ latencyMs: { min: 1, max: 10 }, transferLatencyMs: { min: 10, max: 100 } });
  const [api] = await Promise.all([processes.startReady('api'), processes.startWorkers(2)]);

  const machine = watchMachine();
  onTestFinished(machine.stop);
  let over = false;
  const replies: (Reply | undefined)[] = [];
  const clients = Array.from({ length: CLIENTS }, () => submitUntil(() => over, world, api.url, replies));
  const outages: { killedAt: number; backAt: number }[] = [];
  const untilMore = async (status: number) => {
    const count = () => replies.filter((reply) => reply?.status === status).length;
    const before = count();
    while (count() - before < ANSWERS) await sleep(10);
  };
  for (let kill = 0; kill < KILLS; kill += 1) {
    await untilMore(202);
    await redis.kill();
    const killedAt = Date.now();
    await untilMore(503);
    await redis.restart();
    outages.push({ killedAt, backAt: Date.now() });
  }
  await untilMore(202);
  over = true;
  const ids = (await Promise.all(clients)).flat();

  const answers = replies.filter((reply) => reply !== undefined);
  for (const { killedAt, backAt } of outages) {
    const during = answers.filter(({ at }) => at > killedAt && at < backAt);
    const first202 = answers.find(({ at, status }) => at > backAt && status === 202);
    const backMs = (first202?.at ?? Number.POSITIVE_INFINITY) - backAt;
    const slowest = Math.max(...during.map(({ ms }) => ms));
    console.log(`${during.length} answers while down, slowest ${slowest} ms; first 202 ${backMs} ms after`);
    expect(during.map(({ status }) => status)).toContain(503);
    if (!LONG) continue;
    expect(slowest).toBeLessThan(REFUSED_WITHIN_MS + machine.latestMs());
    expect(backMs).toBeLessThan(BACK_WITHIN_MS + machine.latestMs());
  }
  // The API never crashed, hung or answered anything else.
  expect(replies).not.toContain(undefined);
  expect([...new Set(answers.map(({ status }) => status))].sort()).toEqual([202, 503]);

  expect(new Set(ids).size).toBe(ids.length);
  const transfers = [];
  for (const id of ids) transfers.push(await world.outcome(id, 120_000));
  console.log(`${ids.length} accepted: ${JSON.stringify(tally(transfers))}`);
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(transfers.filter(({ record }) => record.status !== 'transferred')).toEqual([]);
  expect(world.sandbox.ledger.entries()).toHaveLength(ids.length);
});
