import { CALLBACK_GAPS, type ReceiverSettings } from '@handover/core/callbacks';
import type { Callback } from '@handover/core/transfer';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { CallbackOptions } from '../../apps/worker/src/callbacks/worker.ts';
import { QUICK, startCallbackWorker } from '../support/callbacks.ts';
import {
  deadLetter,
  openTestLane,
  requestOf,
  settlementOf,
  type TestLane,
  UPSTREAM,
} from '../support/lane.ts';
import { CALLBACK_SECRET, startReceiver, type TestReceiver } from '../support/receiver.ts';

const KEY = UPSTREAM.name;
let lane: TestLane;
let receiver: TestReceiver;
let cleanUp: (() => Promise<void>)[] = [];
beforeEach(async () => {
  lane = openTestLane({ url: inject('redisUrl') }, { keys: [KEY, 'other'], forMs: 86_400_000 });
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
  cleanUp = [];
  await receiver.close();
  await lane.close();
});

const settingsOf = (url = receiver.url, key = KEY): ReceiverSettings => ({
  ...{ key, url, secrets: [CALLBACK_SECRET], allowPrivate: true },
});

/** A worker of these receivers, until the end of the test. */
function start(receivers = [settingsOf()], given: Partial<CallbackOptions> = {}) {
  const worker = startCallbackWorker(lane, receivers, { pace: QUICK, ...given });
  cleanUp.push(worker.close);
  return worker;
}

async function settled(request = requestOf()): Promise<string> {
  const id = await lane.accept(request);
  await lane.records.settle(id, settlementOf(), []);
  return id;
}

async function callbackOf(id: string): Promise<Callback> {
  const [callback] = (await lane.record(id)).callbacks;
  if (callback === undefined) throw new Error(`${id} has no callback`);
  return callback;
}
const stateOf = async (id: string) => (await callbackOf(id)).state;

test('an upstream is told once, with a valid signature, in the words of the API', async () => {
  const { registry } = start();
  const metadata = { note: '<img src=x onerror=alert(1)> =1+1' };
  const id = await settled(requestOf({ metadata, callId: 'call-1' }));
  await expect.poll(() => stateOf(id)).toBe('delivered');
  const [message] = receiver.accepted;
  expect(receiver.tried).toHaveLength(1);
  expect(receiver.forged).toEqual([]);
  expect(message?.headers).toMatchObject({ 'webhook-id': `${id}_1`, 'content-type': 'application/json' });
  const record = await lane.record(id);
  const iso = (ms: number) => new Date(ms).toISOString();
  expect(message?.body).toEqual({
    type: 'transfer.ended',
    timestamp: iso(record.settledAt),
    data: {
      transfer: {
        ...{ id, status: 'transferred', outcome: record.outcome, attempts: 0, actor: UPSTREAM },
        ...{ request: { ...requestOf({ metadata, callId: 'call-1' }) } },
        ...{ acceptedAt: iso(record.acceptedAt), expiresAt: iso(record.expiresAt) },
      },
    },
  });
  expect(record.callbacks).toMatchObject([{ type: 'transfer.ended', tried: 1, tries: [{ status: 204 }] }]);
  expect(await lane.redis.exists(lane.keys.callbacks(KEY))).toBe(0);
  expect(await registry.metrics()).toContain('handover_callbacks_total{end="delivered"} 1');
});

test('a failed try is repeated under the same id and body, with a new signature', async () => {
  let left = 3;
  receiver.behave(() => (left-- > 0 ? { status: 503 } : { status: 200 }));
  const { log } = start();
  const id = await settled();
  await expect.poll(() => stateOf(id)).toBe('delivered');
  expect(new Set(receiver.tried.map((one) => one.id)).size).toBe(1);
  expect(new Set(receiver.tried.map((one) => one.text)).size).toBe(1);
  expect(receiver.forged).toEqual([]);
  const { tries, tried } = await callbackOf(id);
  expect(tried).toBe(4);
  expect(tries.map(({ status }) => status)).toEqual([503, 503, 503, 200]);
  expect(tries[0]?.error).toBe('it answered 503');
  expect(log('callback.receiver-failing')).toHaveLength(1);
  await expect.poll(() => log('callback.receiver-back')).toHaveLength(1);
});

test('a message tells what was when it was written, whatever happened since', async () => {
  const id = await deadLetter(lane);
  await lane.store.replay(id, UPSTREAM, 'again');
  await lane.records.settle(id, settlementOf(), []);
  start();
  await expect.poll(() => receiver.accepted.length).toBe(2);
  const told = receiver.accepted.map(({ id, body }) => [id, body.data.transfer.status]);
  expect(told.sort()).toEqual([
    [`${id}_1`, 'failed'],
    [`${id}_2`, 'transferred'],
  ]);
});

test('410 ends a callback, and any other refusal of one message delays no other', async () => {
  const [gone, odd, good] = [await settled(), await settled(), await settled()];
  receiver.behave(({ id }) => {
    if (id.startsWith(gone)) return { status: 410 };
    return { status: id.startsWith(odd) && receiver.tried.length < 12 ? 400 : 200 };
  });
  const { log, registry } = start();
  await expect.poll(() => stateOf(gone)).toBe('gave-up');
  await expect.poll(() => stateOf(good)).toBe('delivered');
  await expect.poll(async () => (await callbackOf(odd)).tried).toBeGreaterThan(1);
  expect(log('callback.receiver-failing')).toEqual([]);
  expect(await callbackOf(gone)).toMatchObject({ tried: 1, why: 'it answered 410: it wants none' });
  expect(await registry.metrics()).toContain('handover_callbacks_total{end="gave-up"} 1');
});

test('a redirect is not followed, and is told in words', async () => {
  const other = await startReceiver();
  cleanUp.push(() => other.close());
  receiver.behave(() => ({ status: 307, headers: { location: other.url } }));
  start();
  const id = await settled();
  await expect.poll(async () => (await callbackOf(id)).why).toMatch(/307: a redirect, which is not followed/);
  expect(other.tried).toEqual([]);
});

test('Retry-After is heeded, by the message and by all others', async () => {
  const [first, second] = [await settled(), await settled()];
  receiver.behave(() => ({ status: 429, headers: { 'retry-after': '3000' } }));
  const { sweeps } = start([settingsOf()], {
    pace: { gaps: CALLBACK_GAPS, holdOff: { longestToldMs: 3_600_000 } },
  });
  await expect.poll(() => receiver.tried.length).toBeGreaterThan(0);
  await expect.poll(() => lane.redis.exists(lane.keys.callbacksHoldOff(KEY))).toBe(1);
  const until = Number(await lane.redis.hget(lane.keys.callbacksHoldOff(KEY), 'until'));
  expect(until - (await lane.now())).toBeGreaterThan(2_900_000);
  const nextAts = (await Promise.all([first, second].map(callbackOf))).map(({ nextAt }) => nextAt);
  expect(Math.max(...nextAts) - (await lane.now())).toBeGreaterThan(2_000_000);
  const tried = receiver.tried.length;
  receiver.behave(() => ({ status: 200 }));
  const third = await settled();
  // By then the sweep has looked at the receiver many times.
  const from = sweeps();
  await expect.poll(sweeps).toBeGreaterThan(from + 10);
  expect(await callbackOf(third)).toMatchObject({ tried: 0, state: 'waiting' });
  expect(receiver.tried).toHaveLength(tried);
});

test('a receiver that never answers delays no other receiver', async () => {
  const other = await startReceiver();
  cleanUp.push(() => other.close());
  receiver.behave(() => 'hang');
  const theirs = await lane.store.accept({
    ...{ id: 'of-other', request: requestOf(), actor: { type: 'apiKey', name: 'other' } },
  });
  expect(theirs.accepted).toBe(true);
  for (let index = 0; index < 30; index += 1) await settled();
  await lane.records.settle('of-other', settlementOf(), []);
  start([settingsOf(), settingsOf(other.url, 'other')], { request: { timeoutMs: 60_000 } });
  await expect.poll(() => receiver.tried.length).toBe(10);
  await expect.poll(() => stateOf('of-other')).toBe('delivered');
  expect(receiver.mostAtOnce()).toBe(10);
});

test('a name that leads inside at the second look-up gets nothing there', async () => {
  let asked = 0;
  const inside = { address: '127.0.0.1', family: 4 };
  const outside = { address: '203.0.113.7', family: 4 };
  start([{ ...settingsOf(`https://callbacks.example.org:${receiver.port}/`), allowPrivate: false }], {
    request: {
      resolve(_host, _options, found) {
        asked += 1;
        // Documentation addresses are not public either: no packet leaves this machine.
        found(null, asked === 1 ? [outside] : [inside, outside]);
      },
    },
  });
  const id = await settled();
  await expect.poll(() => asked).toBeGreaterThan(2);
  const { tries, state } = await callbackOf(id);
  expect(state).toBe('waiting');
  for (const { error } of tries) expect(error).toMatch(/leads to no address on the public internet/);
  expect(receiver.tried).toEqual([]);
});

test('what is over its time while the receiver fails is given up without another try', async () => {
  receiver.behave(() => ({ status: 500 }));
  const ids: string[] = [];
  for (let index = 0; index < 15; index += 1) ids.push(await settled());
  for (const id of ids.slice(1)) await overdue(id);
  await lane.redis.set(lane.keys.callbacksFailing(KEY), 1);
  const { log } = start();
  await expect
    .poll(async () => (await Promise.all(ids.slice(1).map(stateOf))).includes('waiting'))
    .toBe(false);
  expect(receiver.tried.length).toBeLessThan(10);
  expect(log('callback.given-up').length).toBeGreaterThan(5);
});

/** Moves the end of its time into the past. */
async function overdue(id: string): Promise<void> {
  const callback = await callbackOf(id);
  const text = JSON.stringify({ ...callback, giveUpAt: 1 });
  await lane.redis.hset(lane.keys.record(id), `callback:${callback.id}`, text);
}

test('once a receiver is back after long, nothing waits for its own next try', async () => {
  const delayed = await settled();
  receiver.behave(() => ({ status: 503 }));
  start([settingsOf()], { pace: { ...QUICK, gaps: { ...CALLBACK_GAPS, firstMs: 3_600_000 } } });
  await expect.poll(async () => (await callbackOf(delayed)).tried).toBe(1);
  receiver.behave(() => ({ status: 200 }));
  await lane.redis.set(lane.keys.callbacksFailing(KEY), (await lane.now()) - 600_000);
  const fresh = await settled();
  await expect.poll(() => stateOf(fresh)).toBe('delivered');
  await expect.poll(() => stateOf(delayed)).toBe('delivered');
});
