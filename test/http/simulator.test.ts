import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createRecordStore } from '@handover/core/redis';
import type { Outcome } from '@handover/core/transfer';
import { createSandbox, scenarios } from '@handover/sandbox';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connected, settleAs, startApi, type TestApi } from './start-api.ts';

/** How many waits a key may hold open. */
const LIMIT = 2;

const body = (change: object = {}) => ({
  userId: 'agent',
  callId: 'lesson',
  targetQueueId: 'sales',
  ...change,
});

describe.each(['voice', 'platform'])('on the dialect %s', (dialect) => {
  const sandbox = createSandbox();
  let api: TestApi;
  beforeAll(async () => {
    const url = await sandbox.listen();
    const env = { SANDBOX_URL: url, GENESYS_API: dialect, OPEN_WAITS_PER_KEY: String(LIMIT) };
    api = await startApi({ redisUrl: inject('redisUrl'), env });
    await connected(api);
  });
  afterAll(async () => {
    await api.close();
    await sandbox.close();
  });

  const simulate = (payload: object) =>
    api.app.inject({ method: 'POST', url: '/api/simulator/transfer', payload });

  /** Runs the simulator, and ends its transfer like a worker. */
  async function simulateAndEnd(payload: ReturnType<typeof body> & { callId: string }, outcome: Outcome) {
    const records = createRecordStore(api.redis, api.simulated.store.lane, {
      retentionMs: 60_000,
      isBilled: false,
    });
    const answer = simulate(payload);
    await expect.poll(() => api.changes.watching()).toBe(1);
    const [transfer] = await api.simulated.store.ofCall(payload.callId);
    await settleAs({ records }, transfer?.record.id ?? '', outcome);
    return { answer: await answer, transfer };
  }

  test('a run uses the simulated lane and the sandbox ids, and answers with the timeline', async () => {
    const target = { type: 'queue', id: 'sales' } as const;
    const payload = body({ fallbackQueueId: 'support', wrapUpCodeId: 'w', transferType: 'consult' });
    const outcome = { status: 'transferred', target, isFallback: false, confirmedBy: 'answer' } as const;
    const { answer, transfer } = await simulateAndEnd(payload, outcome);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      run: {
        ...{ id: transfer?.record.id, at: expect.any(String), by: 'anonymous', scenario: 'plain' },
        ...{ transferType: 'consult', hasFallback: true, met: dialect === 'voice' },
        expected:
          dialect === 'voice'
            ? { status: 'transferred', isFallback: false }
            : { status: 'rejected', reason: 'needs-user-token' },
        ended: { status: 'transferred', isFallback: false },
      },
      status: 'transferred',
      target,
      isFallback: false,
      timeline: [expect.objectContaining({ step: 'accepted' }), expect.objectContaining({ step: 'outcome' })],
    });
    expect(transfer?.record.request).toMatchObject({
      transferType: 'consult',
      target,
      fallback: { type: 'queue', id: 'support' },
      wrapUpCodeId: 'w',
    });
    // Only the dialect's own world was prepared.
    expect(sandbox.platform.conversations.read('lesson') !== undefined).toBe(dialect === 'platform');
    expect(sandbox.calls.has('lesson')).toBe(dialect === 'voice');
    const live = await api.app.inject('/api/transfers?callId=lesson');
    expect(live.json()).toEqual({ items: [], next: null });
    expect((await api.app.inject('/api/reports/quality')).json().successful).toBe(0);
  });

  test('runs are listed by trainee and class, with what was expected, predicted and met', async () => {
    const refused = { status: 'rejected', reason: 'call-is-private' } as const;
    const moved = { status: 'transferred', isFallback: false } as const;
    const practise = (callId: string, trainee: string, outcome: Outcome) =>
      simulateAndEnd(
        body({ callId, trainee, class: 'autumn', scenario: 'private-call', predicted: 'refused' }) as never,
        outcome,
      );
    await practise('one~private-call', 'Ada <b>', refused);
    const { answer } = await practise('two~private-call', 'Ben', moved);
    const list = async (query: string) => {
      const found = await api.app.inject(`/api/simulator/runs?${query}`);
      expect(found.statusCode, found.body).toBe(200);
      return found.json();
    };
    const ofAda = {
      trainee: 'Ada <b>',
      class: 'autumn',
      met: true,
      predicted: 'refused',
      predictionMet: true,
    };
    const ofBen = { trainee: 'Ben', met: false, ended: moved, expected: refused, predictionMet: false };
    expect((await list('class=autumn')).items).toMatchObject([ofBen, ofAda]);
    expect((await list('trainee=Ada%20%3Cb%3E')).items).toMatchObject([ofAda]);
    expect((await list('trainee=Ben&class=spring')).items).toEqual([]);
    const first = await list('class=autumn&limit=1');
    const rest = await list(`class=autumn&limit=1&cursor=${first.next}`);
    expect([...first.items, ...rest.items]).toMatchObject([ofBen, ofAda]);
    expect(rest.next).toBeNull();
    expect((await list('to=2020-01-01')).items).toEqual([]);
    const other = await api.app.inject(`/api/simulator/runs?cursor=${first.next}`);
    expect(other.json()).toMatchObject({ status: 400, errors: [{ field: 'cursor' }] });
    const told = (await api.app.inject(`/api/simulator/runs/${answer.json().run.id}`)).json();
    expect(told).toMatchObject(ofBen);
    expect(told.timeline.map(({ step }: { step: string }) => step)).toEqual(['accepted', 'outcome']);
    const none = await api.app.inject('/api/simulator/runs/none');
    expect(none.json()).toMatchObject({ status: 404, code: 'run-not-found' });
  });

  test('the scenarios say what happens, what should be done, and how a run should end', async () => {
    const { items } = (await api.app.inject('/api/simulator/scenarios')).json();
    expect(items.map(({ scenario }: { scenario: string }) => scenario)).toEqual([...scenarios]);
    for (const item of items) {
      expect(item).toMatchObject({
        description: expect.stringMatching(/\.$/),
        handling: expect.stringMatching(/\.$/),
      });
      expect(item.expected.status).toMatch(/^(transferred|rejected)$/);
    }
  });

  test('a refused run gives the reason', async () => {
    const { answer } = await simulateAndEnd(body({ callId: 'private' }), {
      status: 'rejected',
      reason: 'call-is-private',
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({
      code: 'simulated-transfer-refused',
      reason: 'call-is-private',
      error: 'rejected: call-is-private',
      timeline: [{ step: 'accepted' }, { step: 'outcome' }],
    });
  });

  test('an unknown scenario is answered with the known ones', async () => {
    const answer = await simulate(body({ scenario: 'earthquake' }));
    expect(answer.statusCode).toBe(400);
    expect(answer.json().code).toBe('unknown-scenario');
    expect(answer.json().error).toContain('lost-answer');
  });

  test('missing fields are named, with an error', async () => {
    const answer = await simulate({ scenario: 'plain' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors.map(({ field }: { field: string }) => field)).toEqual([
      'userId',
      'callId',
      'targetQueueId',
    ]);
    expect(answer.json().error).toContain('userId: is missing');
  });

  test('a run whose client has left counts as a wait until it ends, and is kept with its outcome', async () => {
    const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
    const calls = Array.from({ length: LIMIT }, (_, index) => `left-alone-${index}`);
    const client = new AbortController();
    const left = calls.map((callId) =>
      fetch(`${url}/api/simulator/transfer`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body({ callId, trainee: 'Mia' })),
        signal: client.signal,
      }).catch((error: Error) => error.name),
    );
    await expect.poll(() => api.changes.watching()).toBe(LIMIT);
    expect(await connectionsOf(api)).toBe(LIMIT);
    client.abort();
    expect(await Promise.all(left)).toEqual(calls.map(() => 'AbortError'));
    await expect.poll(() => connectionsOf(api)).toBe(0);
    expect((await simulate(body({ callId: 'one-too-many' }))).json()).toMatchObject({
      code: 'too-many-waits',
    });

    const records = createRecordStore(api.redis, api.simulated.store.lane, {
      retentionMs: 60_000,
      isBilled: false,
    });
    const target = { type: 'queue', id: 'sales' } as const;
    for (const callId of calls) {
      const [transfer] = await api.simulated.store.ofCall(callId);
      const outcome = { status: 'transferred', target, confirmedBy: 'answer' } as const;
      await settleAs({ records }, transfer?.record.id ?? '', outcome);
    }
    const runs = async () => (await api.app.inject('/api/simulator/runs?trainee=Mia')).json().items;
    await expect.poll(runs).toMatchObject(calls.map(() => ({ ended: { status: 'transferred' }, met: true })));
  });

  test('a call that is being moved is a conflict', async () => {
    const first = simulate(body({ callId: 'busy' }));
    await expect.poll(() => api.changes.watching()).toBe(1);
    const second = await simulate(body({ callId: 'busy' }));
    expect(second.statusCode).toBe(409);
    expect(second.json()).toMatchObject({ code: 'call-already-in-transfer', error: expect.any(String) });
    // Simulated transfers have no page, so there is no link.
    expect(second.json()).not.toHaveProperty('holder');
    const [transfer] = await api.simulated.store.ofCall('busy');
    const records = createRecordStore(api.redis, api.simulated.store.lane, {
      retentionMs: 60_000,
      isBilled: false,
    });
    await settleAs({ records }, transfer?.record.id ?? '', { status: 'expired' });
    expect((await first).statusCode).toBe(500);
  });
});

test.each([
  ['without a sandbox', {}, 'simulator-not-configured'],
  ['with one that is not there', { SANDBOX_URL: 'http://127.0.0.1:1' }, 'sandbox-unreachable'],
])('%s it is 503', async (_what, env, code) => {
  const alone = await startApi({ redisUrl: inject('redisUrl'), env });
  await connected(alone);
  const answer = await alone.app.inject({ method: 'POST', url: '/api/simulator/transfer', payload: body() });
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({ code, error: expect.any(String) });
  expect(answer.headers['retry-after']).toMatch(/^\d+$/);
  await alone.close();
});

test('stops reading an endless answer', async ({ onTestFinished }) => {
  const endless = http.createServer((_request, response) => {
    Readable.from(forEver()).pipe(response);
  });
  onTestFinished(() => void endless.close());
  await once(endless.listen(0, '127.0.0.1'), 'listening');
  const { port } = endless.address() as AddressInfo;
  const env = { SANDBOX_URL: `http://127.0.0.1:${port}` };
  const alone = await startApi({ redisUrl: inject('redisUrl'), env });
  onTestFinished(alone.close);
  await connected(alone);
  const answer = await alone.app.inject({ method: 'POST', url: '/api/simulator/transfer', payload: body() });
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({ code: 'sandbox-unreachable' });
  expect(answer.body).toContain('more than 1 MiB');
});

/** How many clients are connected. */
const connectionsOf = ({ app }: TestApi) =>
  new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)));

function* forEver() {
  for (;;) yield 'x'.repeat(64 * 1024);
}
