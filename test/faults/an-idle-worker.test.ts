import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { billingEnv } from '../support/billing.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { openWorld } from '../support/world.ts';

const COUNTED_FOR_MS = 6_000;

/** Commands counted by Redis, including those in scripts, and its time in ms. */
async function counted(redis: Redis): Promise<{ commands: number; at: number }> {
  const [text, [seconds, microseconds]] = await Promise.all([redis.info('stats'), redis.time()]);
  const commands = Number(/^total_commands_processed:(\d+)/m.exec(text)?.[1]);
  return { commands, at: Number(seconds) * 1_000 + Number(microseconds) / 1_000 };
}

test('idle workers send few commands to Redis, and each additional one fewer', {
  timeout: 180_000,
}, async ({ onTestFinished }) => {
  const server = await startOwnRedis();
  onTestFinished(server.stop);
  const world = await openWorld({
    redisUrl: server.url,
    env: (sandboxUrl) => ({
      ...billingEnv(sandboxUrl),
      BILLING_MATCH_WINDOW_MS: '900000',
      SANDBOX_URL: sandboxUrl,
    }),
  });
  onTestFinished(world.close);
  const redis = new Redis(server.url);
  onTestFinished(() => redis.disconnect());

  async function perSecond(): Promise<number> {
    const before = await counted(redis);
    await sleep(COUNTED_FOR_MS);
    const after = await counted(redis);
    return ((after.commands - before.commands) * 1_000) / (after.at - before.at);
  }

  // Earlier work is finished; what a worker still starts with shows in the first counts, the longer the busier the machine is.
  await world.outcome(await world.submit());
  // The count stays high if workers wake too often; a busy machine only makes them wake less often.
  const counts: number[] = [];
  const settled = (most: number) =>
    expect
      .poll(async () => counts.push(await perSecond()) && counts.at(-1), { timeout: 60_000, interval: 0 })
      .toBeLessThan(most);
  await settled(16);
  expect(counts.at(-1)).toBeGreaterThan(1);
  for (let more = 0; more < 3; more += 1) await world.startOne();
  await settled(16 + 3 * 9);
  console.log(
    `idle: one worker, then four ask so many commands a second: ${counts.map((count) => count.toFixed(1)).join(', ')}`,
  );
});
