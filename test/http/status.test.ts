import { connectRedis, createAnswerTally, createProgress, watchPresence } from '@handover/core/redis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Status } from '../../apps/api/src/operation/standing-words.ts';
import { connected, startApi, type TestApi } from './start-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl') });
  await connected(api);
});
afterAll(() => api.close());

const read = async () => {
  const answer = await api.app.inject('/api/status');
  expect(answer.statusCode).toBe(200);
  const body = answer.json();
  expect(Status.strict().parse(body)).toEqual(body);
  return body;
};

/** A worker's presence, until the test ends. */
async function workerIsThere(): Promise<() => Promise<void>> {
  let told = () => {};
  const isThere = new Promise<void>((resolve) => {
    told = resolve;
  });
  const redis = connectRedis({ url: inject('redisUrl') }, 'wait', 'test');
  const presence = watchPresence(redis, {
    ...{
      prefix: api.prefix,
      isWorker: true,
      recoveryMs: 1_000,
      neededReplicas: 0,
      progress: createProgress(),
    },
    ...{ onForgotten: () => {}, onSilent: () => {}, onChange: told },
  });
  const polled = expect.poll(async () => (await read()).workers.count).toBe(1);
  await Promise.race([isThere, polled]);
  return async () => {
    await presence.leave();
    redis.disconnect();
  };
}

test('a system without a worker is in trouble, and what to do is told', async () => {
  expect(await read()).toMatchObject({
    is: 'trouble',
    says: 'No worker runs: transfers are accepted, but none is moved.',
    todo: 'Start a worker.',
    runbook: 'docs/operations/no-worker.md',
    redis: { is: 'fine' },
    workers: { is: 'trouble', count: 0 },
  });
});

test('with a worker all is well; an outage of Genesys and a pause are told', async () => {
  const leave = await workerIsThere();
  await expect.poll(read).toMatchObject({ is: 'fine', says: 'All is well: 1 worker, 0 open transfers.' });
  const answers = createAnswerTally(api.redis, api.live.store.lane);
  for (const status of [200, 503, 503, null]) answers.count({ status });
  await answers.close();
  const outage = await read();
  expect(outage.genesys).toMatchObject({ is: 'trouble', answers: 4, failed: 3 });
  expect(outage.says).toContain('3 of the 4 answers of the last 5 minutes failed');
  const payload = { reason: 'fire drill' };
  await api.app.inject({ method: 'POST', url: '/api/queues/transfers/pause', payload });
  const paused = await read();
  expect(paused.queues).toMatchObject({
    is: 'waiting',
    paused: [{ queue: 'transfers', actor: 'operator:local', reason: 'fire drill' }],
  });
  expect(paused.queues.says).toMatch(/^transfers is paused, by operator:local since .*: fire drill\.$/);
  await api.app.inject({ method: 'POST', url: '/api/queues/transfers/resume', payload });
  expect((await read()).queues.is).toBe('fine');
  await leave();
  expect((await read()).workers.count).toBe(0);
});
