import { type TestContext, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { startCluster } from '../support/cluster.ts';
import { expectHeldOnce, startMoving } from '../support/cut-in-two.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import type { Process } from '../support/processes.ts';

const MOVED_THERE = 8;

/**
 * Three primaries with two replicas each. The primary that serves our slot, one of its replicas and a worker are cut off from all
 * other nodes, which make the other replica the primary; a worker comes there too. No worker reaches a node of the other side.
 * Both sides have the same transfers to do. Gives them as they ended.
 *
 * The old primary goes on only until it has missed the other primaries for as long as `cluster-node-timeout`. The new one has no
 * replica at first; after five seconds the Cluster gives it one of another primary's.
 */
async function cutInTwo(context: TestContext, minReplicas: number) {
  const { expect, onTestFinished } = context;
  const cluster = await startCluster({ replicas: 2, canBeCut: true });
  onTestFinished(cluster.stop);
  const { world, processes, effects, ended } = await startMoving(context, cluster.env, minReplicas);
  const old = await cluster.primaryOf(world.env.QUEUE_PREFIX);

  const mend = cluster.cut(old);
  const before = effects();
  await cluster.replaced(old);
  const movedHere = effects() - before;
  const second = await processes.startReady('worker', undefined, cluster.there);
  if (minReplicas === 1)
    await expect.poll(effects, { timeout: PATIENCE_MS }).toBeGreaterThan(before + movedHere + MOVED_THERE);
  // It has everything for sending, except enough replicas.
  else
    await expect
      .poll(() => readiness(second), { timeout: PATIENCE_MS })
      .toMatchObject({
        recovery: { state: 'open' },
        replicas: { needed: 2, following: 1 },
      });
  const movedThere = effects() - before - movedHere;
  mend();
  await cluster.whole();
  const transfers = await ended();
  const requests = world.sandbox.requests.counts().transfer;
  console.log(
    `${minReplicas} of 2 replicas needed: while cut ${movedHere} moved here and ${movedThere} there, ${JSON.stringify(tally(transfers))}, ${requests} requests for an effect`,
  );
  return { world, transfers, movedHere, movedThere };
}

async function readiness({ url }: Process): Promise<unknown> {
  return (await fetch(`${url}/readyz`)).json();
}

const patient = { timeout: 400_000 };

test.concurrent(
  'one replica needed: the new side holds what the old one moved, nothing is moved twice',
  patient,
  async (context) => {
    const { world, transfers } = await cutInTwo(context, 1);
    expectHeldOnce(world, transfers, context.expect);
  },
);

// Nine servers and two workers are heavy for `npm test`: the rest runs with FAULTS=long only.
if (LONG)
  test.concurrent('two needed: nothing is moved on either side', patient, async (context) => {
    const { world, transfers, movedHere, movedThere } = await cutInTwo(context, 2);
    // The effect in flight at the partition.
    context.expect(movedHere).toBeLessThanOrEqual(1);
    context.expect(movedThere).toBe(0);
    context.expect(contradictions(world.sandbox, transfers)).toEqual([]);
    context.expect(transfers.map(({ record }) => record.status)).toEqual(transfers.map(() => 'transferred'));
  });
