import type { ReceiverSettings } from '@handover/core/callbacks';
import { expect, inject, onTestFinished, test } from 'vitest';
import { QUICK, startCallbackWorker } from '../support/callbacks.ts';
import { LONG } from '../support/chance.ts';
import { openTestLane, requestOf, settlementOf, type TestLane, UPSTREAM } from '../support/lane.ts';
import { openFaultWorld } from '../support/processes.ts';
import { type Behaviour, CALLBACK_SECRET, startReceiver, type TestReceiver } from '../support/receiver.ts';

const COUNT = 100;
const LONG_COUNT = 2_000;
/** How many messages of one receiver are sent at once (packages/core/src/callbacks/deliver.ts). */
const AT_ONCE = 10;
/** A name with a public address when it is looked up first, and the receiver's own, inside, from then on. */
const REBINDING = 'https://rebinding.example.org/';

const TROUBLES: Behaviour[] = [
  () => ({ status: 503 }),
  () => 'hang',
  () => ({ status: 302, headers: { location: 'http://169.254.169.254/' } }),
  () => 'reset',
];

test('a receiver fails, hangs, redirects and comes back: each callback is delivered, and none goes inside', async () => {
  const { receiver, lane } = await open();
  const ids = await settle(lane, UPSTREAM.name, COUNT);
  const rebound = await settle(lane, 'rebinding', COUNT);
  const inside: ReceiverSettings = {
    ...{ key: 'rebinding', url: REBINDING, secrets: [CALLBACK_SECRET], allowPrivate: false },
  };
  let lookUps = 0;
  const address = (text: string) => ({ address: text, family: 4 });
  const worker = startCallbackWorker(
    lane,
    [{ ...inside, key: UPSTREAM.name, url: receiver.url, allowPrivate: true }, inside],
    {
      pace: QUICK,
      request: {
        // Long enough for an answer on a busy machine.
        timeoutMs: 2_000,
        resolve(_host, _options, found) {
          lookUps += 1;
          found(null, lookUps === 1 ? [] : [address('127.0.0.1'), address('169.254.169.254')]);
        },
      },
    },
  );
  onTestFinished(worker.close);
  for (const trouble of TROUBLES) {
    receiver.behave(trouble);
    const from = receiver.tried.length;
    await expect.poll(() => receiver.tried.length).toBeGreaterThan(from + 1);
  }
  // Whoever fails is left alone: at first ten are sent at once, then one after each hold-off.
  expect(receiver.tried.length).toBeLessThan(COUNT / 2);
  expect(receiver.accepted).toEqual([]);
  receiver.behave(() => ({ status: 200 }));
  // At least once: on a busy machine an answer may come too late.
  const accepted = () => [...new Set(receiver.accepted.map(({ id }) => id))].sort();
  await expect.poll(accepted).toEqual(ids.map((id) => `${id}_1`).sort());
  expect(receiver.forged).toEqual([]);
  expect(receiver.mostAtOnce()).toBeLessThanOrEqual(AT_ONCE);
  await expect.poll(async () => (await statesOf(lane, ids)).join()).toBe('delivered');
  await expect.poll(() => lookUps).toBeGreaterThan(AT_ONCE);
  expect(await statesOf(lane, rebound)).toEqual(['waiting']);
});

// Ten minutes of a busy machine.
test.runIf(LONG)(
  `the same with ${LONG_COUNT} transfers, and workers that are killed`,
  { timeout: 900_000 },
  async () => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.close());
    const { world, processes, close } = await openFaultWorld({
      CALLBACKS: `test=${receiver.url}`,
      CALLBACK_SECRET,
      CALLBACK_ALLOW_PRIVATE: 'true',
    });
    onTestFinished(close);
    const running = await processes.startWorkers(3);
    receiver.behave(TROUBLES[0] ?? (() => 'hang'));
    const ids: string[] = [];
    for (let index = 0; index < LONG_COUNT; index += 1) ids.push(await world.submit());
    for (const id of ids) await world.outcome(id, 300_000);
    let kills = 0;
    for (const trouble of TROUBLES.slice(1)) {
      receiver.behave(trouble);
      const from = receiver.tried.length;
      await expect.poll(() => receiver.tried.length, { timeout: 180_000 }).toBeGreaterThan(from);
      running.shift()?.kill('SIGKILL');
      kills += 1;
      running.push(await processes.startReady('worker'));
    }
    const whileInTrouble = receiver.tried.length;
    expect(whileInTrouble).toBeLessThan(LONG_COUNT / 4);
    receiver.behave(() => ({ status: 200 }));
    const from = performance.now();
    // One of them is sending.
    await expect.poll(() => receiver.accepted.length, { timeout: 180_000 }).toBeGreaterThan(LONG_COUNT / 10);
    for (const one of running.splice(0)) one.kill('SIGKILL');
    kills += 3;
    const acceptedThen = receiver.accepted.length;
    await processes.startWorkers(2);
    const accepted = () => new Set(receiver.accepted.map(({ id }) => id)).size;
    await expect.poll(accepted, { timeout: 300_000 }).toBe(LONG_COUNT);
    const tookMs = Math.round(performance.now() - from);
    expect([...new Set(receiver.accepted.map(({ id }) => id))].sort()).toEqual(
      ids.map((id) => `${id}_1`).sort(),
    );
    expect(receiver.forged).toEqual([]);
    // Only what a killed worker had sent and not noted is sent twice.
    expect(receiver.accepted.length - LONG_COUNT).toBeLessThanOrEqual(kills * AT_ONCE);
    const last = async () =>
      (await Promise.all(ids.map((id) => world.get(id)))).map(({ record }) => record.callbacks);
    await expect
      .poll(async () => (await last()).flat().filter(({ state }) => state !== 'delivered'))
      .toEqual([]);
    console.log(
      `${whileInTrouble} tries while in trouble; back, ${acceptedThen} delivered before the kill, all within ${tookMs} ms, ${
        receiver.accepted.length - LONG_COUNT
      } of them twice, with ${kills} workers killed`,
    );
  },
);

async function open(): Promise<{ receiver: TestReceiver; lane: TestLane }> {
  const keys = [UPSTREAM.name, 'rebinding'];
  const lane = openTestLane({ url: inject('redisUrl') }, { keys, forMs: 86_400_000 });
  const receiver = await startReceiver();
  onTestFinished(async () => {
    await receiver.close();
    await lane.close();
  });
  return { receiver, lane };
}

async function settle(lane: TestLane, key: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `${key}-${index}`);
  for (const id of ids) {
    await lane.store.accept({ id, request: requestOf(), actor: { type: 'apiKey', name: key } });
    await lane.records.settle(id, settlementOf(), []);
  }
  return ids;
}

async function statesOf(lane: TestLane, ids: string[]): Promise<string[]> {
  const records = await Promise.all(ids.map((id) => lane.record(id)));
  return [...new Set(records.flatMap(({ callbacks }) => callbacks.map(({ state }) => state)))];
}
