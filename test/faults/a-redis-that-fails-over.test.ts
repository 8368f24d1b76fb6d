import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TestContext, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { watchMachine } from '../support/machine.ts';
import type { OwnRedis } from '../support/own-redis.ts';
import { openFaultWorld } from '../support/processes.ts';
import { startSentinels } from '../support/sentinels.ts';
import { ordinaryBody, post } from '../support/upstream.ts';

/** Promises of `FAULTS=long` only: how soon something is accepted again, and how long the slowest transfer takes, in ms. */
const ACCEPTING_WITHIN_MS = 5_000;
const SLOWEST_MS = 15_000;
const PAUSE_MS = 8_000;
const PER_SECOND = 25;
const RATE_MS = 1_000 / PER_SECOND;
const AFTER_MS = LONG ? 6_000 : 3_000;

type Fault = (primary: OwnRedis) => Promise<unknown>;

const pause: Fault = async (primary) => {
  process.kill(primary.pid, 'SIGSTOP');
  await sleep(PAUSE_MS);
  process.kill(primary.pid, 'SIGCONT');
};
const kill: Fault = async (primary) => {
  await primary.kill();
  await sleep(PAUSE_MS);
  await primary.restart();
};

/**
 * Submits steadily, with more than the workers can do at once, while the primary goes away as told, as often as told. Every
 * upstream asks again with its key until it has an answer. Gives what became of it all.
 */
async function failOver(
  { expect, onTestFinished }: TestContext,
  replicas: number,
  fault: Fault,
  times: number,
) {
  const redis = await startSentinels(replicas);
  onTestFinished(redis.stop);
  const { world, processes, close } = await openFaultWorld({
    ...redis.env,
    ACCEPT_AFTER_REPLICAS: '1',
    TRANSFER_CONCURRENCY: '3',
    GENESYS_TIMEOUT_MS: '6000',
    SETTLE_WINDOW_MS: '7000',
    UNCONFIRMED_MAX_MS: '120000',
    QUEUE_CACHE_TTL_MS: '5000',
    USER_CACHE_TTL_MS: '60000',
  });
  onTestFinished(close);
  const machine = watchMachine();
  onTestFinished(machine.stop);
  world.sandbox.changeSettings({ transferLatencyMs: 200 });
  await processes.startWorkers(2);
  const api = await processes.startReady('api');

  let isOver = false;
  const refusals: [number, number][] = [];
  const submissions: Promise<{ id: string; ms: number }>[] = [];
  const submit = async (body: object) => {
    const key = randomUUID();
    const from = Date.now();
    for (;;) {
      const reply = await post(`${api.url}/api/transfers`, body, key);
      if (reply?.status === 202) return { id: reply.body.id ?? '', ms: Date.now() - from };
      refusals.push([from, Date.now()]);
      await sleep(100);
    }
  };
  const upstream = (async () => {
    while (!isOver) {
      submissions.push(submit(ordinaryBody(world)));
      await sleep(RATE_MS);
    }
  })();
  await sleep(2_000);
  for (let time = 0; time < times; time += 1) {
    const primary = await redis.primary();
    const [next] = await Promise.all([redis.failedOver(primary), fault(primary)]);
    await redis.whole();
    console.log(`failed over from ${primary.port} to ${next.port}`);
    await sleep(AFTER_MS);
  }
  isOver = true;
  await upstream;
  const accepted = await Promise.all(submissions);
  const transfers = [];
  for (const { id } of accepted) transfers.push(await world.outcome(id, 120_000));
  const slowest = Math.max(...transfers.map(({ record }) => record.settledAt - record.acceptedAt));
  const latest = Math.max(...accepted.map(({ ms }) => ms));
  console.log(
    `${replicas} replicas, ${fault === pause ? 'paused' : 'killed'} ${times} times: ${accepted.length} submissions, ` +
      `${refusals.length} refusals, accepted within ${latest} ms, slowest ${slowest} ms, ${JSON.stringify(tally(transfers))}, ` +
      `${world.sandbox.requests.counts().transfer} requests for an effect`,
  );
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(transfers.map(({ record }) => record.status)).toEqual(transfers.map(() => 'transferred'));
  if (LONG) {
    expect(latest).toBeLessThan(ACCEPTING_WITHIN_MS + 2 * machine.latestMs());
    expect(slowest).toBeLessThan(SLOWEST_MS + 2 * machine.latestMs());
  }
}

const patient = { timeout: 400_000 };

test.concurrent(
  'two replicas, the primary paused and let go: nothing is moved twice, nothing is lost',
  patient,
  (context) => failOver(context, 2, pause, LONG ? 2 : 1),
);

test.concurrent('two replicas, the primary killed: the same', patient, (context) =>
  failOver(context, 2, kill, LONG ? 3 : 1),
);

test.concurrent(
  'one replica, the primary paused and let go: nothing is moved twice all the same',
  patient,
  (context) => failOver(context, 1, pause, LONG ? 2 : 1),
);
