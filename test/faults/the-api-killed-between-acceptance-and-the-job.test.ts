import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { withoutJob } from '@handover/core/redis';
import { test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { contradictions } from '../support/ledger.ts';
import { openFaultWorld } from '../support/processes.ts';
import { ordinaryBody, post } from '../support/upstream.ts';
import { UPSTREAM, type World } from '../support/world.ts';

/** The sweep waits 5 s for a job before it adds it, and runs once a second. With `FAULTS=long` only. */
const RESTORED_WITHIN_MS = 10_000;
const SUPPORT = { type: 'queue', id: 'support' } as const;
const IN_A_BATCH = 500;
const UNHURRIED = { GENESYS_TIMEOUT_MS: '10000', SETTLE_WINDOW_MS: '11000', UNCONFIRMED_MAX_MS: '120000' };

/** Every transfer that was ever accepted in this world. */
async function allIds({ redis, store }: World): Promise<string[]> {
  const prefix = store.keys.record('');
  const keys = await redis.keys(`${prefix.replace(/[[\]?*\\]/g, '\\$&')}*`);
  return keys.map((key) => key.slice(prefix.length));
}

async function outcomes(world: World, ids: string[]) {
  const transfers = [];
  for (const id of ids) transfers.push(await world.outcome(id, 100_000));
  return transfers;
}

test.concurrent('runs an accepted transfer without a job', async ({ expect, onTestFinished }) => {
  const { world, processes, close } = await openFaultWorld(UNHURRIED);
  onTestFinished(close);
  // The state after a crash between the two steps.
  const ids = [];
  for (let index = 0; index < 20; index += 1) {
    const request = { ...ordinaryBody(world), transferType: 'blind', target: SUPPORT } as const;
    const acceptance = await world.store.accept({ id: randomUUID(), request, actor: UPSTREAM });
    if (acceptance.accepted === true) ids.push(acceptance.id);
  }
  expect(await withoutJob(world.redis, world.queue, ids)).toHaveLength(20);
  await processes.startReady('worker');
  const readyAt = Date.now();
  const transfers = await outcomes(world, ids);
  const waits = transfers.map(({ record }) => record.settledAt - readyAt);
  console.log(
    `without a job: done ${Math.min(...waits)} to ${Math.max(...waits)} ms after a worker was ready`,
  );
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(transfers.map(({ record }) => record.status)).toEqual(ids.map(() => 'transferred'));
  if (LONG) expect(Math.max(...waits)).toBeLessThan(RESTORED_WITHIN_MS);
});

test.concurrent('an API killed during a batch: accepted items run, a repeat adds the rest', async (context) => {
  const { expect, onTestFinished } = context;
  const { world, processes, close } = await openFaultWorld(UNHURRIED);
  onTestFinished(close);
  // If the answer came before the kill, try again with another batch.
  let batches = 0;
  let answer: Awaited<ReturnType<typeof post>>;
  let last: { batch: object; key: string };
  do {
    const api = await processes.startReady('api');
    last = {
      batch: { transfers: Array.from({ length: IN_A_BATCH }, () => ordinaryBody(world)) },
      key: randomUUID(),
    };
    batches += 1;
    const before = await world.redis.zcard(world.store.keys.due);
    const answered = post(`${api.url}/api/transfers/batch`, last.batch, last.key);
    while ((await world.redis.zcard(world.store.keys.due)) === before);
    api.kill('SIGKILL');
    answer = await answered;
  } while (answer !== undefined);

  const accepted = await allIds(world);
  const jobless = await withoutJob(world.redis, world.queue, accepted);
  console.log(
    `killed with ${accepted.length} of ${batches * IN_A_BATCH} accepted, ${jobless.length} without a job`,
  );
  await processes.startReady('worker');
  const again = await processes.startReady('api');
  const repeated = await post(`${again.url}/api/transfers/batch`, last.batch, last.key);
  expect(repeated?.status).toBe(200);
  const ids = await allIds(world);
  expect(ids).toHaveLength(batches * IN_A_BATCH);
  expect(ids).toEqual(expect.arrayContaining(accepted));
  const transfers = await outcomes(world, ids);
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(transfers.filter(({ record }) => record.status !== 'transferred')).toEqual([]);
});

test.concurrent('an API repeatedly killed under load: every record runs, every key has one effect', async (context) => {
  const { expect, onTestFinished } = context;
  const { world, processes, close } = await openFaultWorld(UNHURRIED);
  onTestFinished(close);
  await processes.startReady('worker');
  let api = await processes.startReady('api');
  let back = Promise.resolve(api);
  let over = false;
  const submitted = new Map<string, ReturnType<typeof ordinaryBody>>();
  const clients = Array.from({ length: 10 }, async () => {
    while (!over) {
      const key = randomUUID();
      submitted.set(key, ordinaryBody(world));
      const reply = await post(`${api.url}/api/transfers`, submitted.get(key), key);
      if (reply?.status === 202) accepted += 1;
      if (reply === undefined) await back;
      await sleep(20);
    }
  });
  let accepted = 0;
  for (let kill = 0; kill < 3; kill += 1) {
    const before = accepted;
    while (accepted - before < 20) await sleep(5);
    api.kill('SIGKILL');
    back = api.exited.then(() => processes.startReady('api'));
    api = await back;
  }
  over = true;
  await Promise.all(clients);
  const left = await allIds(world);
  const transfers = await outcomes(world, left);
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(transfers.filter(({ record }) => record.status !== 'transferred')).toEqual([]);

  // Clients without an answer repeat: results are returned, nothing runs again.
  const replies = [];
  for (const [key, body] of submitted) replies.push(await post(`${api.url}/api/transfers`, body, key));
  expect(replies.map((reply) => reply?.status)).toEqual(replies.map(() => 202));
  const ids = replies.map((reply) => reply?.body.id ?? '');
  expect(new Set(ids).size).toBe(submitted.size);
  expect(ids).toEqual(expect.arrayContaining(left));
  expect(contradictions(world.sandbox, await outcomes(world, ids))).toEqual([]);
  console.log(`${submitted.size} keys, ${left.length} accepted before the repeat, 3 kills`);
});
