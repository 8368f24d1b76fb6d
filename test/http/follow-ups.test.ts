import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connected, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

const LEFT = { kind: 'wrap-up', data: { leg: 'a-leg' }, afterMs: 1_000, forMs: 60_000 } as const;

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterAll(() => api.close());

async function accept(): Promise<string> {
  const answer = await api.app.inject({ method: 'POST', url: '/api/transfers', payload: transferBody() });
  return answer.json().id;
}
const shown = async (id: string) => (await api.app.inject(`/api/transfers/${id}`)).json();

test('what a transfer left to be done is shown with it, without what only the dialect reads', async () => {
  const id = await accept();
  const outcome = { status: 'transferred', confirmedBy: 'reading' } as const;
  const actor = { type: 'worker', name: 'w' } as const;
  await api.records.settle(id, { guard: 'seen', outcome, deadLetter: false, actor, leaves: [LEFT] }, []);
  const { settledAt = 0 } = (await api.live.store.recordOf(id)) ?? {};
  expect((await shown(id)).followUps).toEqual([
    {
      ...{ id: `${id}.1`, kind: 'wrap-up', state: 'waiting', tries: 0 },
      dueAt: new Date(settledAt + 1_000).toISOString(),
      giveUpAt: new Date(settledAt + 60_000).toISOString(),
    },
  ]);
});

test('a transfer that left nothing is shown as ever', async () => {
  const id = await accept();
  await settleAs(api, id, { status: 'transferred', confirmedBy: 'answer' });
  expect(await shown(id)).not.toHaveProperty('followUps');
});
