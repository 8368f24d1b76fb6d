import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connected, sendIntent, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterAll(() => api.close());

async function accept(body = transferBody()): Promise<string> {
  const answer = await api.app.inject({ method: 'POST', url: '/api/transfers', payload: body });
  return answer.json().id;
}

const cancel = (id: string) => api.app.inject({ method: 'DELETE', url: `/api/transfers/${id}` });

test('cancels an unsent transfer: removes its job, releases its call, and counts it', async () => {
  const body = transferBody();
  const id = await accept(body);
  const answer = await cancel(id);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ id, status: 'cancelled', outcome: { status: 'cancelled' } });
  expect(await api.live.queue.getJob(id)).toBeUndefined();
  expect(await accept(body)).not.toBe(id);
  const metrics = await api.app.inject('/metrics');
  expect(metrics.body).toMatch(
    /handover_transfers_total\{outcome="cancelled"[^}]*target_type="queue"[^}]*\} 1/,
  );
  expect((await api.app.inject('/api/reports/quality')).json().cancelled).toBe(1);
});

test('the reason stands in the timeline and in the audit', async () => {
  const id = await accept();
  const url = `/api/transfers/${id}?reason=${encodeURIComponent('the caller hung up')}`;
  const { timeline } = (await api.app.inject({ method: 'DELETE', url })).json();
  expect(timeline.at(-1)).toMatchObject({ step: 'outcome', detail: 'the caller hung up' });
  const { items } = (await api.app.inject(`/api/audit?thing=${id}`)).json();
  expect(items).toMatchObject([{ action: 'cancel', thing: id, reason: 'the caller hung up' }]);
});

test.each(['reason=', 'reason=%20', `reason=${'x'.repeat(501)}`, 'because=x'])(
  '?%s is a 400 that cancels nothing',
  async (query) => {
    const id = await accept();
    const answer = await api.app.inject({ method: 'DELETE', url: `/api/transfers/${id}?${query}` });
    expect(answer.statusCode).toBe(400);
    expect((await api.app.inject(`/api/transfers/${id}`)).json().status).toBe('queued');
  },
);

test('accepts an empty body with a content type', async () => {
  const answer = await api.app.inject({
    method: 'DELETE',
    url: `/api/transfers/${await accept()}`,
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.statusCode).toBe(200);
});

test('cancelling again gives the same answer and counts nothing', async () => {
  const id = await accept();
  const before = (await api.app.inject('/api/reports/quality')).json().cancelled;
  const answers = await Promise.all([cancel(id), cancel(id), cancel(id)]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  expect((await api.app.inject('/api/reports/quality')).json().cancelled).toBe(before + 1);
});

test('refuses to cancel a sent transfer, and changes nothing', async () => {
  const id = await accept();
  await sendIntent(api, id);
  const before = (await api.app.inject(`/api/transfers/${id}`)).json();
  const answer = await cancel(id);
  expect(answer.statusCode).toBe(409);
  expect(answer.json().code).toBe('too-late');
  expect((await api.app.inject(`/api/transfers/${id}`)).json()).toEqual(before);
});

test('refuses to cancel an ended transfer', async () => {
  const id = await accept();
  await settleAs(api, id, { status: 'transferred', confirmedBy: 'reading' });
  expect((await cancel(id)).json().code).toBe('too-late');
});

test.each(['GET', 'DELETE'] as const)('%s of an unknown transfer is 404', async (method) => {
  for (const id of ['nope', 'x'.repeat(200), '%E6%97%A5']) {
    const answer = await api.app.inject({ method, url: `/api/transfers/${id}` });
    expect(answer.statusCode).toBe(404);
    expect(answer.json().code).toBe('transfer-not-found');
  }
});

test.each(['x'.repeat(201), 'x'.repeat(8_000), '%00', 'a%0Ab'])('an impossible id is 400', async (id) => {
  const answer = await api.app.inject(`/api/transfers/${id}`);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors).toMatchObject([{ field: 'id' }]);
});

test('the transfers of a call come newest first', async () => {
  const body = transferBody();
  const first = await accept(body);
  await cancel(first);
  const second = await accept(body);
  const { items } = (await api.app.inject(`/api/transfers?callId=${body.callId}`)).json();
  expect(items.map(({ id }: { id: string }) => id)).toEqual([second, first]);
  expect((await api.app.inject('/api/transfers?callId=unknown')).json()).toEqual({
    items: [],
    next: null,
  });
});
