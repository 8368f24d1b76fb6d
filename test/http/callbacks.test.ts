import type { Callback } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connected, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  const env = { CALLBACKS: 'anonymous=https://upstream.example/callbacks' };
  api = await startApi({ redisUrl: inject('redisUrl'), env });
  await connected(api);
});
afterAll(() => api.close());

async function settled(): Promise<string> {
  const answer = await api.app.inject({ method: 'POST', url: '/api/transfers', payload: transferBody() });
  const { id } = answer.json();
  await settleAs(api, id, { status: 'transferred', confirmedBy: 'answer' });
  return id;
}
const shown = async (id: string) => (await api.app.inject(`/api/transfers/${id}`)).json();
const send = (id: string, callbackId: string) =>
  api.app.inject({ method: 'POST', url: `/api/transfers/${id}/callbacks/${callbackId}/send` });

async function change(id: string, to: Partial<Callback>): Promise<void> {
  const { callback, before } = (await api.callbacks.store.find(id)) ?? {};
  if (callback === undefined || before === undefined) throw new Error(`there is no ${id}`);
  await api.callbacks.store.note('anonymous', before, { ...callback, ...to });
}

test('what an upstream was told is shown with the transfer', async () => {
  const id = await settled();
  const { settledAt = 0 } = (await api.live.store.recordOf(id)) ?? {};
  const at = new Date(settledAt).toISOString();
  const giveUpAt = new Date(settledAt + 86_400_000).toISOString();
  const waits = { id: `${id}_1`, type: 'transfer.ended', at, state: 'waiting', tried: 0, tries: [] };
  expect((await shown(id)).callbacks).toEqual([{ ...waits, nextAt: at, giveUpAt }]);

  const tries = [{ at: settledAt, ms: 12, status: 410, error: 'it answered 410: it wants none' }];
  await change(`${id}_1`, { state: 'gave-up', tried: 1, tries, why: 'it answered 410: it wants none' });
  expect((await shown(id)).callbacks).toEqual([
    {
      ...{ ...waits, state: 'gave-up', tried: 1, why: 'it answered 410: it wants none' },
      tries: [{ at, ms: 12, status: 410, error: 'it answered 410: it wants none' }],
    },
  ]);
});

test('it can be sent again, whatever became of it', async () => {
  const id = await settled();
  await change(`${id}_1`, { state: 'delivered', tried: 1 });
  expect(await api.redis.zscore(api.live.store.keys.callbacks('anonymous'), `${id}_1`)).toBeNull();
  const answer = await send(id, `${id}_1`);
  expect(answer.statusCode).toBe(202);
  expect(answer.json()).toMatchObject({ id: `${id}_1`, state: 'waiting', tried: 1 });
  expect(await api.redis.zscore(api.live.store.keys.callbacks('anonymous'), `${id}_1`)).not.toBeNull();
  expect((await send(id, `${id}_1`)).statusCode).toBe(202);
  const { items } = (await api.app.inject('/api/audit?action=send-callback')).json();
  const entry = { actor: 'operator:local', action: 'send-callback', thing: `${id}_1` };
  expect(items).toMatchObject([entry, entry]);
});

test('what is not there is a 404, and a receiver that is gone a 409', async () => {
  const [id, other] = [await settled(), await settled()];
  expect((await send('nowhere', 'nowhere_1')).json()).toMatchObject({ code: 'transfer-not-found' });
  for (const wrong of [`${id}_2`, `${other}_1`, 'x', `${id}_`, '%00'])
    expect([400, 404]).toContain((await send(id, wrong)).statusCode);
  expect((await send(id, `${id}_2`)).json()).toMatchObject({ status: 404, code: 'callback-not-found' });
  await api.redis.hset(api.live.store.keys.record(id), 'actor', '{"type":"apiKey","name":"gone"}');
  expect((await send(id, `${id}_1`)).json()).toMatchObject({ status: 409, code: 'callback-not-sendable' });
});

test('Prometheus sees what waits, and for how long a receiver has failed', async () => {
  await settled();
  const keys = api.live.store.keys;
  await api.redis.set(keys.callbacksFailing('anonymous'), Date.now() - 60_000);
  const metrics = await api.registry.metrics();
  expect(metrics).toMatch(/^handover_callbacks_waiting\{key="anonymous"\} [1-9]/m);
  expect(metrics).toMatch(
    /^handover_callback_receiver_failing_seconds\{key="anonymous"\} ([5-9]\d|\d{3})(\.|$)/m,
  );
});
