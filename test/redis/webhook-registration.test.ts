import { type Registered, register, urlDigest } from '@handover/core/billing';
import { createWebhookStore, readWebhookState, webhookView } from '@handover/core/redis';
import { createSandbox, type Sandbox } from '@handover/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGenesys, type Genesys } from '../../packages/core/src/genesys/genesys.ts';
import { openTestLane, type TestLane } from '../support/lane.ts';

const TOKEN = 'tok ü/4711';
const PATH = 'https://handover.example/webhooks/billing-sync';
const HERE = `${PATH}?token=${encodeURIComponent(TOKEN)}`;
const HTML = { 'content-type': 'text/html' };
const THERE = 'https://other.example/webhooks/billing-sync?token=t';

let lane: TestLane;
let sandbox: Sandbox;
let genesys: Genesys;

beforeEach(async () => {
  lane = openTestLane();
  sandbox = createSandbox();
  const baseUrl = await sandbox.listen();
  genesys = createGenesys({
    dialect: 'voice',
    ...{ redis: lane.redis, lane: lane.lane, baseUrl, clientId: 'c', clientSecret: 's', timeoutMs: 4_000 },
    budget: { requests: 0, windowMs: 0 },
    ...{ cache: { userTtlMs: 0, queueTtlMs: 0 }, onRequest: () => undefined, onToken: () => undefined },
  });
});
afterEach(async () => {
  genesys.close();
  await sandbox.close();
  await lane.close();
});

/** A process with this callback URL, which requests and performs the registration. */
async function start(callbackUrl = HERE) {
  const store = createWebhookStore(lane.redis, lane.lane);
  const digest = urlDigest(callbackUrl);
  await store.want(digest);
  const again = ({ random = 0, signal = new AbortController().signal } = {}) =>
    register({ callbackUrl, digest }, { registrar: genesys.webhooks, store }, { random, signal });
  return { store, again };
}
const registerAt = async (callbackUrl?: string): Promise<Registered> => (await start(callbackUrl)).again();
const state = async () => webhookView(await readWebhookState(lane.redis, lane.lane));
const registered = () => sandbox.webhooks.list();
const urls = () => registered().map(({ callback_url: url }) => url);
/** The webhook requests to the platform, by status. */
const answers = () =>
  sandbox.requests
    .entries()
    .filter(({ operation }) => operation === 'webhook')
    .map(({ status }) => status);
const script = (...steps: Parameters<Sandbox['addScript']>[0]['steps']) =>
  sandbox.addScript({ operation: 'webhook', steps });
/** A manual registration of the same webhook. */
const byHand = (callbackUrl: string, name = 'BillingSyncTransferHook') =>
  sandbox.webhooks.register({
    ...{ name, events: ['voice.call.updated'], callback_url: callbackUrl },
    ...{ method: 'POST', content_type: 'application/json' },
  });

describe.each(['all', 'create'] as const)('with the routes of the platform: %s', (webhookRoutes) => {
  beforeEach(() => sandbox.changeSettings({ webhookRoutes }));

  test('the first process registers exactly as the dialect defines', async () => {
    expect(await state()).toEqual({ state: 'not-wanted' });
    const { again } = await start();
    expect(await state()).toEqual({ state: 'pending', at: expect.any(String) });
    const done = await again();
    expect(registered()).toEqual([
      {
        id: expect.any(String),
        name: 'BillingSyncTransferHook',
        description: expect.stringMatching(/./),
        events: ['voice.call.updated'],
        callback_url: HERE,
        method: 'POST',
        content_type: 'application/json',
        retry_policy: { retry_count: 3, retry_interval_seconds: 60 },
        filter: { event_data: { 'voice.call.updated': { transferType: { $exists: true } } } },
      },
    ]);
    expect(done).toEqual({ do: 'done', how: 'registered', id: registered()[0]?.id });
    expect(await state()).toEqual({ state: 'registered', at: expect.any(String) });
  });

  test('a later process finds it and leaves it unchanged', async () => {
    const first = await registerAt();
    const before = registered();
    const { again } = await start();
    expect(await state()).toMatchObject({ state: 'registered' });
    expect(await again()).toEqual({ ...first, how: 'known' });
    expect(registered()).toEqual(before);
    expect(await state()).toMatchObject({ state: 'registered' });
  });

  test('eight concurrent processes make one registration, and all see it', async () => {
    const processes = await Promise.all(Array.from({ length: 8 }, () => start()));
    const first = await Promise.all(processes.map(({ again }) => again()));
    expect(first.filter((one) => one.do === 'done' && one.how === 'registered')).toHaveLength(1);
    const others = first.filter((one) => one.do === 'retry');
    for (const one of others)
      expect(one).toMatchObject({ inMs: 1_000, detail: 'another process is registering it' });
    for (const { again } of processes) expect(await again()).toMatchObject({ do: 'done', how: 'known' });
    expect(registered()).toHaveLength(1);
    expect(await state()).toMatchObject({ state: 'registered' });
  });

  test('a later process with another callback URL takes over', async () => {
    const old = await start();
    await old.again();
    const done = await registerAt(THERE);
    expect(done).toMatchObject({ do: 'done', how: 'updated' });
    expect(await old.again()).toEqual({ do: 'superseded' });
    expect(urls().at(-1)).toBe(THERE);
    expect(await state()).toMatchObject({ state: 'registered' });
  });
});

describe('a changed callback URL', () => {
  test('updates the registration if the platform supports it', async () => {
    const first = await registerAt();
    expect(await registerAt(THERE)).toEqual({ ...first, how: 'updated' });
    expect(registered()).toMatchObject([{ callback_url: THERE, retry_policy: { retry_count: 3 } }]);
  });

  test.each([404, 405, 501])('replaces it if updating is not supported (%i)', async (status) => {
    const first = await registerAt();
    script({}, { status });
    const done = await registerAt(THERE);
    expect(done).toMatchObject({ do: 'done', how: 'updated', id: registered()[0]?.id });
    expect(done).not.toMatchObject({ id: first.do === 'done' && first.id });
    expect(urls()).toEqual([THERE]);
  });

  test('adds one if the platform can only create', async () => {
    sandbox.changeSettings({ webhookRoutes: 'create' });
    await registerAt();
    expect(await registerAt(THERE)).toMatchObject({ how: 'updated', id: registered()[1]?.id });
    expect(urls()).toEqual([HERE, THERE]);
    expect(await registerAt(THERE)).toMatchObject({ how: 'known', id: registered()[1]?.id });
  });

  test('changes nothing when the process stops before', async () => {
    const first = await registerAt();
    const signal = AbortSignal.abort();
    const stopped = await (await start(THERE)).again({ signal });
    expect(stopped).toMatchObject({ do: 'retry', inMs: 0 });
    expect(registered()).toMatchObject([{ id: first.do === 'done' && first.id, callback_url: HERE }]);
  });
});

describe('an existing webhook', () => {
  test('for this callback URL is adopted', async () => {
    const { id } = byHand(HERE);
    expect(await registerAt()).toEqual({ do: 'done', how: 'adopted', id });
    expect(await registerAt()).toEqual({ do: 'done', how: 'known', id });
    expect(registered()).toHaveLength(1);
  });

  test('for the same address with another token is changed', async () => {
    const { id } = byHand(`${PATH}?token=old`);
    expect(await registerAt()).toEqual({ do: 'done', how: 'updated', id });
    expect(urls()).toEqual([HERE]);
  });

  test('of others is left alone, even with our name or address', async () => {
    const others = [byHand(THERE), byHand(HERE, 'SomebodyElsesHook'), byHand(`${PATH}/v2?token=t`)];
    expect(await registerAt()).toMatchObject({ how: 'registered' });
    expect(registered().slice(0, 3)).toEqual(others);
    expect(registered()).toHaveLength(4);
  });

  test('is registered again if the platform lost it', async () => {
    await registerAt();
    sandbox.webhooks.clear();
    expect(await registerAt()).toEqual({ do: 'done', how: 'registered', id: registered()[0]?.id });
    expect(registered()).toHaveLength(1);
  });

  test('is registered again if it vanishes between listing and updating', async () => {
    await registerAt();
    script({}, { status: 404 });
    expect(await registerAt(THERE)).toMatchObject({ how: 'updated', id: registered()[0]?.id });
    expect(urls()).toEqual([THERE]);
  });
});

describe('only one process at a time registers', () => {
  test('sends nothing while another one holds the claim, and keeps the claim', async () => {
    const holder = createWebhookStore(lane.redis, lane.lane);
    expect(await holder.claim(60_000)).toBe(true);
    const { again } = await start();
    expect(await again()).toEqual({ do: 'retry', inMs: 1_000, detail: 'another process is registering it' });
    expect(answers()).toEqual([]);
    expect(await state()).toMatchObject({ state: 'pending' });
    await holder.release();
    expect(await again()).toMatchObject({ do: 'done', how: 'registered' });
  });

  test('a claim is released after success and failure, and a lost one expires', async () => {
    const { again } = await start();
    script({ status: 500 });
    for (const result of ['retry', 'done']) {
      expect(await again()).toMatchObject({ do: result });
      expect(await lane.redis.exists(lane.keys.webhookClaim)).toBe(0);
    }
    await createWebhookStore(lane.redis, lane.lane).claim(60_000);
    expect(await lane.redis.pttl(lane.keys.webhookClaim)).toBeGreaterThan(50_000);
  });

  test('does not release a claim taken by another process meanwhile', async () => {
    const [late, other] = [
      createWebhookStore(lane.redis, lane.lane),
      createWebhookStore(lane.redis, lane.lane),
    ];
    await late.claim(60_000);
    await lane.redis.del(lane.keys.webhookClaim);
    expect(await other.claim(60_000)).toBe(true);
    await late.release();
    expect(await late.claim(60_000)).toBe(false);
  });
});

describe('a failure', () => {
  test('is retried after delays that double up to five minutes, and shown until it succeeds', async () => {
    const { again } = await start();
    script({ status: 503, times: 11 });
    const gaps = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1_000);
    for (const inMs of gaps) {
      expect(await again()).toEqual({ do: 'retry', inMs, detail: expect.stringContaining('503') });
      const { at = '', nextAt = '', ...view } = await state();
      expect(view).toEqual({ state: 'failing', detail: expect.stringContaining('503') });
      expect(Date.parse(nextAt) - Date.parse(at)).toBe(inMs);
    }
    expect(await again({ random: 0.5 })).toMatchObject({ inMs: 330_000 });
    expect(await again()).toMatchObject({ do: 'done', how: 'registered' });
    expect(await state()).toEqual({ state: 'registered', at: expect.any(String) });
    script({ status: 503 });
    expect(await again()).toMatchObject({ do: 'retry', inMs: 1_000 });
  });

  test('with Retry-After is not retried before', async () => {
    script({ status: 503, headers: { 'retry-after': '40' } });
    expect(await registerAt()).toMatchObject({ do: 'retry', inMs: 40_000 });
  });

  test.each([
    ['of listing', []],
    ['of registering', [{}]],
  ])('%s with 403 names the permission that the OAuth client lacks', async (_, before) => {
    script(...before, { status: 403 });
    const result = await registerAt();
    const detail = expect.stringMatching(/403.*integration:webhook:create/);
    expect(result).toMatchObject({ do: 'retry', detail });
    expect(await state()).toMatchObject({ state: 'failing', detail });
  });

  test('with a lost answer is found by listing, and nothing is registered twice', async () => {
    const { again } = await start();
    script({}, { drop: 'after' });
    expect(await again()).toMatchObject({ do: 'retry', detail: expect.stringContaining('no answer') });
    expect(await again()).toEqual({ do: 'done', how: 'adopted', id: registered()[0]?.id });
    expect(registered()).toHaveLength(1);
  });

  test.each<[string, Parameters<typeof script>[0]]>([
    ['a web page with 200', { status: 200, body: '<html>', headers: HTML }],
    ['no body with 204', { status: 204, body: '' }],
    ['a web page with 404', { status: 404, body: '<html>', headers: HTML }],
    ['another webhook', { status: 200, body: { id: 'another' } }],
  ])('of updating, answered by an intermediary with %s, changes nothing', async (_, step) => {
    await registerAt();
    const before = registered();
    script({}, step);
    expect(await registerAt(THERE)).toMatchObject({ do: 'retry' });
    expect(registered()).toEqual(before);
    expect(await registerAt(THERE)).toMatchObject({ how: 'updated' });
    expect(urls()).toEqual([THERE]);
  });

  test('of registering, answered by an intermediary, is retried', async () => {
    const { again } = await start();
    script({}, { status: 200, body: '<html>', headers: HTML });
    expect(await again()).toMatchObject({ do: 'retry' });
    expect(registered()).toEqual([]);
    expect(await again()).toMatchObject({ do: 'done', how: 'registered' });
  });

  test('of updating keeps the existing registration', async () => {
    await registerAt();
    const before = registered();
    script({}, { status: 500 });
    expect(await registerAt(THERE)).toMatchObject({ do: 'retry', detail: expect.stringContaining('500') });
    expect(registered()).toEqual(before);
    expect(await registerAt(THERE)).toMatchObject({ how: 'updated' });
  });

  test.each<[string, Parameters<typeof script>[0], RegExp]>([
    // A broken read is repeated once, so it has to break twice.
    ['no answer', { drop: 'before', times: 2 }, /no answer/],
    ['no answer in time', { hang: 'before' }, /4000 ms/],
    ['a body that is not JSON', { invalidBody: true }, /200 from something in between/],
    ['a list of something else', { status: 200, body: { items: [] } }, /200 from something in between/],
    ['a web page with 404', { status: 404, body: '<html>', headers: HTML }, /404 from something in between/],
    ['JSON without a code, with 405', { status: 405, body: { error: 'x' } }, /405 from something in between/],
    ['a 429', { status: 429, headers: { 'retry-after': '1' } }, /holding off/],
  ])('may be %s', async (_, step, detail) => {
    script(step);
    expect(await registerAt()).toMatchObject({ do: 'retry', detail: expect.stringMatching(detail) });
    expect(registered()).toEqual([]);
  });

  test('shows nothing of the token, even where the platform repeats it', async () => {
    const message = `cannot reach ${HERE} (${TOKEN})`;
    script({}, { status: 400, body: { code: 'bad.request', message } });
    const result = await registerAt();
    const shown = JSON.stringify([result, await state(), await lane.redis.hgetall(lane.keys.webhook)]);
    expect(shown).toContain('cannot reach');
    for (const secret of [TOKEN, encodeURIComponent(TOKEN), '4711']) expect(shown).not.toContain(secret);
  });

  test('reports a platform without webhooks', async () => {
    script({ status: 404, times: 2 });
    expect(await registerAt()).toMatchObject({
      do: 'retry',
      detail: expect.stringContaining('no webhook API'),
    });
  });
});
