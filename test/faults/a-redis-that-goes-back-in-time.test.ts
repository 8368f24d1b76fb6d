import { randomUUID } from 'node:crypto';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOutcome, type StoredTransfer } from '@handover/core/transfer';
import { type TestContext, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { openFaultWorld, type Process } from '../support/processes.ts';
import { ordinaryBody, post } from '../support/upstream.ts';

const FORGOTTEN_MS = 2_000;
const RATE_MS = 40;
const LOAD_MS = LONG ? 15_000 : 4_000;

/**
 * Redis restarts with an append-only file that is two seconds old, as after a host crash or a restore, while calls are
 * moved; then every upstream resubmits with its key. `victims`: the processes that are lost with it.
 */
async function goBack({ expect, onTestFinished }: TestContext, victims: 'none' | 'a worker' | 'all') {
  const redis = await startOwnRedis();
  onTestFinished(redis.stop);
  const env = { GENESYS_TIMEOUT_MS: '15000', SETTLE_WINDOW_MS: '16000', UNCONFIRMED_MAX_MS: '60000' };
  const { world, processes, close } = await openFaultWorld(env, { redisUrl: redis.url });
  onTestFinished(close);
  world.sandbox.changeSettings({ transferLatencyMs: 100 });
  let workers = await processes.startWorkers(2);
  let api = await processes.startReady('api');

  let isOver = false;
  const bodies = new Map<string, object>();
  const upstream = (async () => {
    while (!isOver) {
      const key = randomUUID();
      const body = ordinaryBody(world);
      bodies.set(key, body);
      void post(`${api.url}/api/transfers`, body, key);
      await sleep(RATE_MS);
    }
  })();
  await sleep(LOAD_MS);
  const [live, past] = [join(redis.dir, 'appendonlydir'), join(redis.dir, 'past')];
  await cp(live, past, { recursive: true });
  await sleep(FORGOTTEN_MS);
  const gone: Process[] = { none: [], 'a worker': workers.slice(0, 1), all: [...workers, api] }[victims];
  for (const process of gone) process.kill('SIGKILL');
  await redis.kill();
  isOver = true;
  await upstream;
  await rm(live, { recursive: true });
  await cp(past, live, { recursive: true });
  await redis.restart();
  if (gone.length > 0) workers = await processes.startWorkers(2);
  if (gone.includes(api)) api = await processes.startReady('api');

  // Every upstream repeats its request with the same key, until it is accepted.
  const ids: string[] = [];
  for (const [key, body] of bodies) {
    let reply = await post(`${api.url}/api/transfers`, body, key);
    while (reply?.status !== 202) {
      await sleep(100);
      reply = await post(`${api.url}/api/transfers`, body, key);
    }
    ids.push(reply.body.id ?? '');
  }
  const transfers: StoredTransfer[] = [];
  for (const id of ids)
    transfers.push(await world.until(id, ({ record }) => isOutcome(record.status) || record.parked, 120_000));
  const held = transfers.filter(({ record }) => record.parked && record.held !== null);
  console.log(
    `${victims} killed: ${ids.length} submissions, ${JSON.stringify(tally(transfers))}, ${held.length} held for an operator`,
  );
  expect(
    contradictions(
      world.sandbox,
      transfers.filter(({ record }) => isOutcome(record.status)),
    ),
  ).toEqual([]);
  const moves = ({ record }: StoredTransfer) => world.effects(record.request?.callId ?? '').length;
  expect(transfers.filter((transfer) => moves(transfer) > 1)).toEqual([]);
  // Held is only what was moved, or could not be read because the machine was too busy.
  const isUnseen = ({ timeline }: StoredTransfer) =>
    timeline.at(-1)?.rule?.startsWith('the call cannot be read');
  expect(held.filter((transfer) => moves(transfer) !== 1 && !isUnseen(transfer))).toEqual([]);
  for (const { record } of transfers)
    if (isOutcome(record.status) && record.status !== 'transferred')
      console.log(`${record.id} ended ${JSON.stringify(record.outcome)}`);
  expect(held.length).toBeGreaterThan(0);
  expect(transfers.filter(({ record }) => record.parked && record.held === null)).toEqual([]);
  const ready = (await (await fetch(`${api.url}/readyz`)).json()) as { recovery: { state: string } };
  expect(ready.recovery.state).toBe('open');

  // An operator's replay moves it once more.
  const one = held.find((transfer) => moves(transfer) === 1);
  const id = one?.record.id ?? '';
  const replay = await post(`${api.url}/api/dead-letters/${id}/replay`, { reason: 'move it all the same' });
  expect(replay?.status).toBeLessThan(300);
  const moved = await world.outcome(id);
  expect(moved.record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'answer' });
  expect(world.effects(moved.record.request?.callId ?? '')).toHaveLength(2);
}

const patient = { timeout: 300_000 };

test.concurrent(
  'a file two seconds old: nothing is moved twice, even if upstreams resubmit',
  patient,
  (context) => goBack(context, 'none'),
);

test.concurrent('the same, with a worker that is killed', patient, (context) => goBack(context, 'a worker'));

test.concurrent(
  'the same, with every process killed: no process is left that knew more',
  patient,
  (context) => goBack(context, 'all'),
);
