import { randomUUID } from 'node:crypto';
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { version } from '@handover/core/config';
import { createLog } from '@handover/core/log';
import { createRegistry } from '@handover/core/metrics';
import { connectRedis } from '@handover/core/redis';
import { createSandbox, type Sandbox } from '@handover/sandbox';
import { startWorker } from '@handover/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { billingEnv, WEBHOOK_SECRET } from '../support/billing.ts';
import { freePort } from '../support/ports.ts';
import { type FaultWorld, openFaultWorld, type Process } from '../support/processes.ts';
import { openWorld } from '../support/world.ts';

type Dialect = 'voice' | 'platform';
type Queue = 'open' | 'closed';

/** Passes everything on to `target`, and notes the method and path of every request. */
async function startRecorder() {
  const sent: string[] = [];
  let target = '';
  const pass: RequestListener = (request, response) => {
    const { method, headers, url = '' } = request;
    sent.push(`${method} ${url.split('?')[0]}`);
    const onward = http.request(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward.on('error', () => response.destroy()));
  };
  const server = http.createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    sent,
    /** The address to use in place of this one. */
    before(url: string) {
      target = url;
      return `http://127.0.0.1:${port}`;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An agent, an open and a closed queue. */
function furnish(sandbox: Sandbox): void {
  sandbox.putUser('agent');
  sandbox.putQueue('open');
  sandbox.putQueue('closed', { state: 'closed' });
  const { users, queues } = sandbox.platform.directory;
  users.put('agent', {});
  queues.put('open', { onQueueUsers: { IDLE: 1 } });
  queues.put('closed', { onQueueUsers: {}, memberCount: 0, joinedMemberCount: 0 });
}

/** A call of the agent, in both worlds of the sandbox. */
function putCall(sandbox: Sandbox, isPrivate = false): string {
  const callId = randomUUID();
  sandbox.putCall(callId, { privacy: isPrivate });
  sandbox.platform.putConversation(callId, {
    participants: [{ purpose: 'agent', user: { id: 'agent' } }],
    securePause: isPrivate,
  });
  return callId;
}

const body = (callId: string, target: Queue = 'open', more: object = {}) => ({
  ...{ callId, userId: 'agent', transferType: 'blind', target: { type: 'queue', id: target } },
  ...more,
});

type Transfer = {
  id: string;
  status: string;
  shadow?: true;
  outcome: Record<string, unknown> | null;
  timeline: { step: string; detail?: string }[];
};

async function submit({ url }: Process, request: object, wait = true) {
  const headers = { 'content-type': 'application/json', ...(wait && { prefer: 'wait=30' }) };
  const answer = await fetch(`${url}/api/transfers`, {
    ...{ method: 'POST', headers, body: JSON.stringify(request) },
  });
  return { code: answer.status, transfer: (await answer.json()) as Transfer };
}

async function get<T = Record<string, unknown>>({ url }: Process, path: string): Promise<T> {
  return (await (await fetch(`${url}${path}`)).json()) as T;
}

const metricsOf = async ({ url }: Process) => (await fetch(`${url}/metrics`)).text();

/** The series of live work, of this process. */
const liveSeries = (metrics: string) =>
  metrics.split('\n').filter((line) => /^handover_(?!shadow_|simulated_)/.test(line));

const fallback = { fallback: { type: 'queue', id: 'open' } };
const would = (id: string, isFallback: boolean) => ({
  ...{ status: 'cancelled', reason: 'shadow', target: { type: 'queue', id }, isFallback },
  detail: `shadow: would have moved the call to queue ${id}${isFallback ? ' (fallback)' : ''}`,
});

/** Every request that is not a GET, on this dialect. */
const QUERIES: Record<Dialect, string[]> = {
  voice: ['POST /api/v2/oauth/token'],
  platform: ['POST /oauth/token', 'POST /api/v2/analytics/queues/observations/query'],
};

describe.each<Dialect>(['voice', 'platform'])('shadow mode on %s', (dialect) => {
  let training: Sandbox;
  let faults: FaultWorld;
  let recorder: Awaited<ReturnType<typeof startRecorder>>;
  let api: Process;
  let worker: Process;
  const sandbox = () => faults.world.sandbox;
  beforeAll(async () => {
    recorder = await startRecorder();
    training = createSandbox();
    const trainingUrl = await training.listen();
    const apiPort = await freePort();
    faults = await openFaultWorld((sandboxUrl) => ({
      ...{ HANDOVER_MODE: 'shadow', GENESYS_API: dialect, GENESYS_BASE_URL: recorder.before(sandboxUrl) },
      ...billingEnv(sandboxUrl, dialect === 'voice' ? apiPort : undefined),
      ...{ BILLING_SYNTHESIZE: 'true', SANDBOX_URL: trainingUrl },
    }));
    furnish(sandbox());
    const { startReady } = faults.processes;
    [worker, api] = await Promise.all([startReady('worker'), startReady('api', apiPort)]);
  });
  afterAll(async () => {
    await faults?.close();
    await training.close();
    await recorder.close();
  });

  test.each<[string, () => object, object]>([
    ['to an open queue', () => body(putCall(sandbox())), would('open', false)],
    [
      'to a closed queue with a fallback',
      () => body(putCall(sandbox()), 'closed', fallback),
      would('open', true),
    ],
    [
      'to a closed queue',
      () => body(putCall(sandbox()), 'closed'),
      { status: 'rejected', reason: 'target-unavailable' },
    ],
    [
      'of a private call',
      () => body(putCall(sandbox(), true)),
      { status: 'rejected', reason: 'call-is-private' },
    ],
    [
      'of an unknown call',
      () => body(randomUUID()),
      { status: 'rejected', reason: dialect === 'voice' ? 'call-ended' : 'call-not-found' },
    ],
    [
      'by consult',
      () => body(putCall(sandbox()), 'open', { transferType: 'consult' }),
      dialect === 'voice' ? would('open', false) : { status: 'rejected', reason: 'needs-user-token' },
    ],
    [
      'with a wrap-up code',
      () => body(putCall(sandbox()), 'open', { wrapUpCodeId: 'sold' }),
      would('open', false),
    ],
  ])('a transfer %s', async (_, request, outcome) => {
    const { code, transfer } = await submit(api, request());
    expect(code).toBe(200);
    expect(transfer).toMatchObject({ shadow: true, outcome });
    expect(transfer).not.toHaveProperty('followUps');
    const found = await get<Transfer>(api, `/api/transfers/${transfer.id}`);
    expect(found).toEqual(transfer);
    const steps = found.timeline.map(({ step }) => step);
    expect(steps).not.toContain('intent');
    expect(steps.at(-1)).toBe('outcome');
  });

  test('nothing but GETs, tokens and queries was sent, and nothing moved', async () => {
    expect(recorder.sent.filter((one) => one.startsWith('GET ')).length).toBeGreaterThan(10);
    const others = new Set(recorder.sent.filter((one) => !one.startsWith('GET ')));
    expect([...others].sort()).toEqual(QUERIES[dialect].sort());
    expect(sandbox().ledger.entries()).toEqual([]);
    expect(sandbox().webhooks.list()).toEqual([]);
    expect(sandbox().billing.requests()).toEqual([]);
  });

  test('no dead letter, no bill, and no success or failure in the report', async () => {
    expect(await get(api, '/api/dead-letters')).toEqual({ items: [], billing: [], next: null });
    expect(await get(api, '/api/billing/records')).toMatchObject({ items: [] });
    const expected = dialect === 'voice' ? 4 : 3;
    const none = { successful: 0, failed: 0, totalTransfersAttempted: 0, fallbackUsed: 0 };
    expect(await get(api, '/api/reports/quality')).toMatchObject({ ...none, cancelled: expected });
  });

  test('counts in series of its own, by target and fallback', async () => {
    const [ofWorker, ofApi] = await Promise.all([metricsOf(worker), metricsOf(api)]);
    expect([...liveSeries(ofWorker), ...liveSeries(ofApi)]).toEqual([]);
    expect(ofWorker).toMatch(
      /handover_shadow_transfers_total\{outcome="cancelled",reason="shadow",transfer_type="blind",target_type="queue",fallback="true"\} 1/,
    );
    expect(ofApi).toMatch(/handover_shadow_dead_letters 0/);
  });

  test('accepts no event', async () => {
    const answer = await fetch(`${api.url}/webhooks/billing-sync?token=${WEBHOOK_SECRET}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' },
    });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      code: 'webhook-not-configured',
      detail: expect.stringContaining('HANDOVER_MODE is shadow'),
    });
  });

  test('says so', async () => {
    for (const one of [api, worker]) {
      expect(await get(one, '/readyz')).toMatchObject({ status: 'ready', mode: 'shadow' });
      expect(await get(one, '/healthz')).toEqual({ status: 'alive', mode: 'shadow', version });
      expect(one.lastLines()).toContain('"mode":"shadow"');
    }
    const board = await fetch(`${api.url}/admin/queues`);
    expect(await board.text()).toContain('Handover (shadow)');
  });

  test('training moves its simulated calls as ever', async () => {
    const request = { userId: 'u', callId: 'c', targetQueueId: 'q' };
    const answer = await fetch(`${api.url}/api/simulator/transfer`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) },
    });
    expect(await answer.json()).toMatchObject({ status: 'transferred', target: { id: 'q' } });
    expect(training.ledger.entries()).toHaveLength(1);
    expect(sandbox().ledger.entries()).toEqual([]);
  });
});

test('live and shadow under one QUEUE_PREFIX touch nothing of each other', async () => {
  const faults = await openFaultWorld({ HANDOVER_MODE: 'shadow' });
  const { processes, world } = faults;
  const live = { HANDOVER_MODE: 'live' };
  try {
    furnish(world.sandbox);
    const [liveApi, shadowApi, liveWorker] = await Promise.all([
      processes.startReady('api', undefined, live),
      processes.startReady('api'),
      processes.startReady('worker', undefined, live),
    ]);
    const [ofLive, ofShadow] = [putCall(world.sandbox), putCall(world.sandbox)];
    const shadowed = await submit(shadowApi, body(ofShadow), false);
    expect((await submit(liveApi, body(ofLive))).transfer).toMatchObject({ status: 'transferred' });
    // The live worker took the transfer accepted after this one.
    expect(await get(shadowApi, `/api/transfers/${shadowed.transfer.id}`)).toMatchObject({
      status: 'queued',
    });
    expect((await fetch(`${liveApi.url}/api/transfers/${shadowed.transfer.id}`)).status).toBe(404);
    expect(world.sandbox.requests.entries(ofShadow)).toEqual([]);

    liveWorker.kill('SIGTERM');
    await liveWorker.exited;
    const waiting = await submit(liveApi, body(putCall(world.sandbox)), false);
    await processes.startReady('worker');
    const { record } = await world.outcome(shadowed.transfer.id);
    expect(record.outcome).toMatchObject(would('open', false));
    expect(await get(liveApi, `/api/transfers/${waiting.transfer.id}`)).toMatchObject({ status: 'queued' });
    // The same call again, and by live: neither is in the other's way.
    expect((await submit(shadowApi, body(ofShadow))).transfer.outcome).toMatchObject(would('open', false));
    await processes.startReady('worker', undefined, live);
    expect((await submit(liveApi, body(ofShadow))).transfer).toMatchObject({ status: 'transferred' });
    const moved = world.sandbox.ledger.entries().map(({ callId }) => callId);
    expect(moved.filter((callId) => callId === ofShadow)).toHaveLength(1);
    expect(moved.filter((callId) => callId === ofLive)).toHaveLength(1);
  } finally {
    await faults.close();
  }
});

describe('the second guard', () => {
  test.each<Dialect>(['voice', 'platform'])(
    'sends nothing where the rules would send, on %s',
    async (dialect) => {
      const recorder = await startRecorder();
      const world = await openWorld({
        workers: 0,
        env: (sandboxUrl) => ({
          ...{ HANDOVER_MODE: 'shadow', GENESYS_API: dialect, GENESYS_BASE_URL: recorder.before(sandboxUrl) },
        }),
      });
      const lines: string[] = [];
      const policy = { ...world.config.policy, shadow: false };
      const redis = connectRedis(world.config.redis, 'wait', 'test-worker');
      const worker = await startWorker({
        ...{ config: { ...world.config, policy }, redis, registry: createRegistry() },
        access: { proves: async () => true, suspect: () => undefined },
        log: createLog('worker', 'info', { write: (line) => void lines.push(line) }),
      });
      try {
        furnish(world.sandbox);
        const callId = putCall(world.sandbox);
        const target = { type: 'queue', id: 'open' } as const;
        const id = await world.submit({ callId, userId: 'agent', target });
        const { record, timeline } = await world.until(id, ({ record: { attempts, status } }) => {
          return attempts > 1 && status === 'delayed';
        });
        expect(record).toMatchObject({ outcome: null, intents: [] });
        expect(timeline.map(({ step }) => step)).not.toContain('intent');
        expect(lines.join('')).toContain('shadow mode sends no POST (transfer) to Genesys');
        const others = new Set(recorder.sent.filter((one) => !one.startsWith('GET ')));
        expect([...others].sort()).toEqual(QUERIES[dialect].sort());
        expect(world.sandbox.ledger.entries()).toEqual([]);
      } finally {
        await worker.close();
        redis.disconnect();
        await world.close();
        await recorder.close();
      }
    },
  );
});
