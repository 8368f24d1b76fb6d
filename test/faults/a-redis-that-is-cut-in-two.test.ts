import { type TestContext, test } from 'vitest';
import { expectHeldOnce, startMoving } from '../support/cut-in-two.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { startSentinels } from '../support/sentinels.ts';

/** Two replicas: the old primary keeps one of them, so sending with one required replica continues there. */
const MOVED_APART = 8;

/**
 * The primary, one of two replicas and a worker are cut off from the other replica and the Sentinels, which make that one the
 * primary; a worker comes there too. Both sides have the same transfers to do. Gives them as they ended.
 */
async function cutInTwo(context: TestContext, minReplicas: number) {
  const { expect, onTestFinished } = context;
  const redis = await startSentinels(2, { canBeCut: true });
  onTestFinished(redis.stop);
  const { world, processes, first, effects, ended } = await startMoving(context, redis.env, minReplicas);

  const old = await redis.primary();
  const mend = await redis.cut();
  const before = effects();
  await redis.failedOver(old);
  await processes.startReady('worker');
  if (minReplicas === 1)
    await expect.poll(effects, { timeout: PATIENCE_MS }).toBeGreaterThan(before + MOVED_APART);
  else
    await expect
      .poll(() => first.lastLines(), { timeout: PATIENCE_MS })
      // The fence says so, or the run that begins once the worker knows.
      .toMatch(/1 of 2 replicas of Redis have|too few replicas of Redis/);
  const apart = effects() - before;
  mend();
  await redis.whole();
  const transfers = await ended();
  const requests = world.sandbox.requests.counts().transfer;
  console.log(
    `${minReplicas} of 2 replicas needed: ${apart} moved while cut, ${JSON.stringify(tally(transfers))}, ${requests} requests for an effect`,
  );
  return { world, transfers };
}

const patient = { timeout: 400_000 };

test.concurrent('REDIS_MIN_REPLICAS=2: nothing is moved on either side', patient, async (context) => {
  const { world, transfers } = await cutInTwo(context, 2);
  context.expect(contradictions(world.sandbox, transfers)).toEqual([]);
  context.expect(transfers.map(({ record }) => record.status)).toEqual(transfers.map(() => 'transferred'));
});

test.concurrent(
  'one: the side with a replica continues, the other holds what it moved, nothing is moved twice',
  patient,
  async (context) => {
    const { world, transfers } = await cutInTwo(context, 1);
    expectHeldOnce(world, transfers, context.expect);
  },
);
