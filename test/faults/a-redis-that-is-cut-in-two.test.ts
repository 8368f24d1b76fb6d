import { isOutcome } from '@handover/core/transfer';
import { type TestContext, test } from 'vitest';
import { contradictions, tally } from '../support/ledger.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { openFaultWorld } from '../support/processes.ts';
import { startSentinels } from '../support/sentinels.ts';

const TRANSFERS = 60;
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
  const { world, processes, close } = await openFaultWorld({
    ...redis.env,
    REDIS_MIN_REPLICAS: `${minReplicas}`,
    TRANSFER_CONCURRENCY: '1',
    GENESYS_TIMEOUT_MS: '15000',
    SETTLE_WINDOW_MS: '16000',
    UNCONFIRMED_MAX_MS: '120000',
  });
  onTestFinished(close);
  const effects = () => world.sandbox.ledger.entries().length;
  world.sandbox.changeSettings({ transferLatencyMs: 200 });
  const first = await processes.startReady('worker');
  const ids = await Promise.all(Array.from({ length: TRANSFERS }, () => world.submit()));
  await expect.poll(effects, { timeout: PATIENCE_MS }).toBeGreaterThan(2);

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
      .toContain('1 of 2 replicas of Redis have');
  const apart = effects() - before;
  mend();
  await redis.whole();
  const transfers = [];
  for (const id of ids)
    transfers.push(
      await world.until(id, ({ record }) => isOutcome(record.status) || record.parked, 2 * PATIENCE_MS),
    );
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
    const ended = transfers.filter(({ record }) => isOutcome(record.status));
    const held = transfers.filter(({ record }) => record.parked && record.held !== null);
    context.expect(contradictions(world.sandbox, ended)).toEqual([]);
    context.expect(ended.length + held.length).toBe(TRANSFERS);
    for (const { record } of held)
      context.expect(world.sandbox.ledger.entries(record.request?.callId ?? '')).toHaveLength(1);
  },
);
