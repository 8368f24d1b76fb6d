import { version } from '@handover/core/config';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connected, settleAs, startApi, type TestApi, transferBody } from './start-api.ts';

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

describe('the OpenAPI document', () => {
  type Operation = {
    description?: string;
    responses: Record<string, { content?: Record<string, { schema: object }> }>;
    security?: object[];
    parameters?: { name: string; schema: object }[];
  };
  type Document = {
    openapi: string;
    info: { version: string };
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, object>; securitySchemes: object };
  };
  const read = async (): Promise<Document> => (await api.app.inject('/openapi.json')).json();

  test('takes no query parameters', async () => {
    expect((await api.app.inject('/openapi.json?x=1')).statusCode).toBe(400);
  });

  test('names every route', async () => {
    const { openapi, paths } = await read();
    expect(openapi).toBe('3.1.0');
    expect(
      Object.fromEntries(Object.entries(paths).map(([path, methods]) => [path, Object.keys(methods)])),
    ).toEqual({
      '/api/transfers': ['post', 'get'],
      '/api/transfers/{id}': ['get', 'delete'],
      '/api/transfers/batch': ['post'],
      '/api/transfers/stream': ['get'],
      '/api/transfers/{id}/events': ['get'],
      '/api/transfers/{id}/callbacks/{callbackId}/send': ['post'],
      '/api/simulator/transfer': ['post'],
      '/api/simulator/scenarios': ['get'],
      '/api/simulator/runs': ['get'],
      '/api/simulator/runs/{id}': ['get'],
      '/api/status': ['get'],
      '/api/reports/quality': ['get'],
      '/api/reports/billing': ['get'],
      '/api/billing/records': ['get'],
      '/api/billing/discrepancies': ['get'],
      '/api/billing/export': ['get'],
      '/webhooks/billing-sync': ['post'],
      '/api/dead-letters': ['get'],
      '/api/dead-letters/{id}/replay': ['post'],
      '/api/dead-letters/{id}/resolve': ['post'],
      '/api/dead-letters/replay': ['post'],
      '/api/dead-letters/resolve': ['post'],
      '/api/actions': ['get'],
      '/api/actions/{id}': ['get'],
      '/api/actions/{id}/stop': ['post'],
      '/api/queues/{name}/pause': ['post'],
      '/api/queues/{name}/resume': ['post'],
      '/api/audit': ['get'],
      '/api/session': ['post', 'get', 'delete'],
      '/api/configuration': ['get'],
      '/healthz': ['get'],
      '/readyz': ['get'],
      '/metrics': ['get'],
      '/problems': ['get'],
      '/problems/{code}': ['get'],
    });
  });

  test('has the version of Handover, as /healthz has', async () => {
    expect((await read()).info.version).toBe(version);
    expect((await api.app.inject('/healthz')).json()).toEqual({ status: 'alive', mode: 'live', version });
  });

  test('has no dangling references', async () => {
    const document = await read();
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, name] of references) expect(document.components.schemas).toHaveProperty([name ?? '']);
    expect(JSON.stringify(document)).not.toContain('PLACEHOLDER');
  });

  test('describes each operation, its problems and its authentication', async () => {
    const { paths } = await read();
    for (const [path, methods] of Object.entries(paths))
      for (const [method, operation] of Object.entries(methods)) {
        const where = `${method} ${path}`;
        expect(operation.description, where).toMatch(/\.$/);
        const problem = operation.responses['500']?.content?.['application/problem+json'];
        expect(problem?.schema, where).toEqual({ $ref: '#/components/schemas/Problem' });
        const isGuarded =
          /^\/(api|webhooks)\/|^\/metrics/.test(path) && !/^(post|delete) .*session/.test(where);
        expect((operation.security?.length ?? 0) > 0, where).toBe(isGuarded);
      }
  });

  test('no route takes a query parameter that it does not describe', async () => {
    const { paths } = await read();
    const reads = Object.keys(paths).filter((path) => 'get' in (paths[path] ?? {}));
    expect(reads.length).toBeGreaterThan(10);
    for (const path of reads) {
      const answer = await api.app.inject(`${path.replaceAll(/\{\w+\}/g, 'redis-full')}?shown=all`);
      expect(answer.statusCode, path).toBe(400);
      expect(answer.json().errors, path).toContainEqual({ field: 'shown', message: 'is unknown' });
    }
    const payload = transferBody();
    const sent = await api.app.inject({ method: 'POST', url: '/api/transfers?wait=1', payload });
    expect(sent.json()).toMatchObject({ status: 400, errors: [{ field: 'wait', message: 'is unknown' }] });
  });

  test('describes the items of a batch', async () => {
    const { components } = await read();
    expect(components.schemas.Batch).toMatchObject({
      properties: { transfers: { items: { $ref: '#/components/schemas/TransferRequest' } } },
    });
  });

  test('describes the authentication of events', async () => {
    const { paths, components } = await read();
    const operation = paths['/webhooks/billing-sync']?.post;
    expect(operation?.security).toEqual([{ webhook: [] }]);
    expect(components.securitySchemes).toHaveProperty('webhook.scheme', 'bearer');
    expect(operation?.description).toMatch(/Standard Webhooks.*bearer.*x-api-key.*token/);
    expect(Object.keys(operation?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '400', '401', '413', '415', '503']),
    );
    expect(JSON.stringify(operation?.responses['503'])).toContain('webhook-not-configured');
  });

  test('describes the pagination and content of billing', async () => {
    const { paths, components } = await read();
    for (const [path, item] of [
      ['/api/billing/records', 'BillingRecord'],
      ['/api/billing/discrepancies', 'Discrepancy'],
    ] as const) {
      const { parameters, responses } = paths[path]?.get ?? {};
      expect(parameters?.map(({ name }) => name)).toEqual(['from', 'to', 'cursor', 'limit']);
      expect(parameters?.at(-1)?.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 1000 });
      expect(Object.keys(responses?.['200']?.content ?? {})).toEqual(['application/json', 'text/csv']);
      expect(components.schemas).toHaveProperty(item);
    }
  });

  test('is rendered at /docs without external resources', async () => {
    const page = await api.app.inject('/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/https?:\/\//);
    const policy = page.headers['content-security-policy'];
    expect(policy).toMatch(/default-src 'self';/);
    expect(policy).not.toMatch(/https?:|upgrade-insecure-requests/);
    for (const [, path] of page.body.matchAll(/(?:src|href)="\.(\/[^"]+)"/g))
      expect((await api.app.inject(`/docs${path}`)).statusCode, path).toBe(200);
  });
});

describe('problems', () => {
  test('each has a page at its type', async () => {
    const { items } = (await api.app.inject('/problems')).json();
    expect(items.length).toBeGreaterThan(20);
    expect(items.map(({ code }: { code: string }) => code)).toContain('webhook-not-configured');
    for (const item of items)
      expect((await api.app.inject(`/problems/${item.code}`)).json()).toMatchObject({ code: item.code });
    expect((await api.app.inject('/problems/none')).statusCode).toBe(404);
  });
});

describe('probes and reports', () => {
  test('/readyz reports the registration of the webhook', async () => {
    const { keys } = api.live.store;
    const webhookNow = async () => (await api.app.inject('/readyz')).json().webhook;
    const registered = async () =>
      /^handover_webhook_registered (\w+)$/m.exec((await api.app.inject('/metrics')).body)?.[1];
    expect(await webhookNow()).toEqual({ state: 'not-wanted' });
    expect(await registered()).toMatch(/nan/i);
    const failing = {
      state: 'failing',
      detail: 'not today',
      at: 1_800_000_000_000,
      nextAt: 1_800_000_060_000,
    };
    await api.redis.hset(keys.webhook, failing);
    expect(await webhookNow()).toEqual({
      state: 'failing',
      detail: 'not today',
      at: '2027-01-15T08:00:00.000Z',
      nextAt: '2027-01-15T08:01:00.000Z',
    });
    expect(await registered()).toBe('0');
    expect((await api.app.inject('/readyz')).statusCode).toBe(200);
    await api.redis.hset(keys.webhook, { state: 'registered', detail: '' });
    await api.redis.hdel(keys.webhook, 'nextAt');
    expect(await webhookNow()).toEqual({ state: 'registered', at: '2027-01-15T08:00:00.000Z' });
    expect(await registered()).toBe('1');
    await api.redis.del(keys.webhook);
  });

  test('/metrics has the billing series from the start', async () => {
    const fresh = await startApi({ redisUrl: inject('redisUrl') });
    await connected(fresh);
    const { body } = await fresh.app.inject('/metrics');
    await fresh.close();
    const series = body.split('\n').filter((line) => /^handover_(billing|webhook)_/.test(line));
    expect(series.map((line) => line.toLowerCase()).sort()).toEqual([
      'handover_billing_dead_letters 0',
      'handover_billing_destination_disabled{destination="http"} 0',
      'handover_billing_destination_disabled{destination="postgres"} 0',
      'handover_billing_discrepancies{name="different-target"} 0',
      'handover_billing_discrepancies{name="missing-event"} 0',
      'handover_billing_discrepancies{name="unknown-transfer"} 0',
      'handover_billing_match_age_seconds nan',
      'handover_webhook_events_total{result="duplicate"} 0',
      'handover_webhook_events_total{result="ignored"} 0',
      'handover_webhook_events_total{result="malformed"} 0',
      'handover_webhook_events_total{result="queued"} 0',
      'handover_webhook_events_total{result="unauthenticated"} 0',
      'handover_webhook_events_total{result="unavailable"} 0',
      'handover_webhook_registered nan',
    ]);
    for (const queue of ['follow-ups', 'billing', 'billing-http', 'billing-postgres'])
      expect(body).toContain(`\nhandover_queue_jobs{queue="${queue}",state="failed"} 0\n`);
  });

  test('/readyz reports Redis, and Genesys as last seen by the workers', async () => {
    const before = (await api.app.inject('/readyz')).json();
    expect(before).toMatchObject({
      status: 'ready',
      redis: 'connected',
      durability: 'durable',
      genesys: { dialect: 'voice', token: 'no worker has reported yet', holdOffUntil: null },
    });
    const { keys } = api.live.store;
    const until = Date.now() + 60_000;
    await api.redis.hset(keys.genesys, {
      token: 'refused',
      tokenDetail: '401 from the login',
      at: '1800000000000',
    });
    await api.redis.hset(keys.holdOff, { until: String(until) });
    const after = await api.app.inject('/readyz');
    expect(after.statusCode).toBe(200);
    expect(after.json().genesys).toMatchObject({
      token: 'refused',
      tokenDetail: '401 from the login',
      tokenAt: '2027-01-15T08:00:00.000Z',
      holdOffUntil: new Date(until).toISOString(),
    });
    await api.redis.del(keys.holdOff, keys.genesys);
  });

  test('/metrics shows both queues and what waits, with no id in any label', async () => {
    const id = await accept();
    const { body, headers } = await api.app.inject('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toMatch(/handover_queue_jobs\{queue="transfers",state="prioritized"\} \d+/);
    expect(body).toMatch(/handover_simulated_queue_jobs\{queue="simulated-transfers",state="waiting"\} 0/);
    expect(body).toMatch(/^handover_dead_letters 0$/m);
    expect(body).not.toContain(id);
  });

  test('the quality report counts how transfers ended', async () => {
    for (const [status, reason, isFallback] of [
      ['transferred', undefined, false],
      ['transferred', undefined, true],
      ['transferred', undefined, false],
      ['failed', 'conflict', false],
      ['expired', undefined, false],
      ['rejected', 'call-is-private', false],
    ] as const)
      await settleAs(api, await accept(), { status, reason, isFallback });
    expect((await api.app.inject('/api/reports/quality')).json()).toEqual({
      successful: 3,
      fallbackUsed: 1,
      failed: 2,
      expired: 1,
      etagConflicts: 0,
      totalTransfersAttempted: 5,
      successRate: 60,
      fallbackRate: 33.33,
      rejected: 1,
      rejections: {
        'not-permitted': 0,
        forbidden: 0,
        'call-is-private': 1,
        'call-ended': 0,
        'call-moved': 0,
        'call-not-found': 0,
        'call-not-transferable': 0,
        'agent-not-on-call': 0,
        'needs-user-token': 0,
        'target-unavailable': 0,
        'refused-by-platform': 0,
      },
      failures: {
        conflict: 1,
        'platform-unavailable': 0,
        'target-gave-up': 0,
        'workers-lost': 0,
        'unreadable-job': 0,
        'settled-by-operator': 0,
      },
      cancelled: 0,
      replayed: 0,
      averageMs: expect.any(Number),
    });
  });
});

describe('Bull Board', () => {
  const board = (url: string, method: 'GET' | 'PUT' | 'PATCH' | 'POST' = 'GET', payload?: object) =>
    api.app.inject({ method, url: `/admin/queues${url}`, ...(payload && { payload }) });

  test('shows the queues of both lanes, of follow-ups, callbacks and billing, with a policy that works without https', async () => {
    const page = await board('');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    const { queues } = (await board('/api/queues')).json();
    expect(queues.map(({ name }: { name: string }) => name)).toEqual([
      'transfers',
      'follow-ups',
      'callbacks',
      'billing',
      'billing-http',
      'billing-postgres',
      'simulated-transfers',
    ]);
  });

  test('shows the timeline as the log of a job, without naming the call or the agent', async () => {
    const id = await accept(transferBody({ callId: 'call-of-a-person', userId: 'agent-smith' }));
    await settleAs(api, id, {
      status: 'rejected',
      reason: 'not-permitted',
      detail: 'agent-smith may not move call-of-a-person',
    });
    const lines = (await board(`/api/queues/transfers/${id}/logs`)).json();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT.*Z accepted by apiKey:anonymous$/);
    expect(lines[1]).toContain('outcome');
    expect(lines.join()).not.toMatch(/agent-smith|call-of-a-person/);
    expect((await board(`/api/queues/transfers/${id}`)).body).not.toMatch(/agent-smith|call-of-a-person/);
  });

  test('answers a path outside its files as a client error', async () => {
    const answer = await board('/static/..%2f..%2fpackage.json');
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  test.each([
    ['PUT', '/api/queues/transfers/pause'],
    ['PUT', '/api/queues/transfers/resume'],
    ['PUT', '/api/queues/pause'],
    ['PUT', '/api/queues/resume'],
    ['PUT', '/api/queues/transfers/ID/retry'],
    ['PUT', '/api/queues/transfers/ID/clean'],
    ['PUT', '/api/queues/transfers/ID/promote'],
    ['PATCH', '/api/queues/transfers/ID/update-data'],
    ['PATCH', '/api/queues/transfers/ID/delay'],
    ['PATCH', '/api/queues/transfers/ID/priority'],
    ['POST', '/api/queues/transfers/add'],
    ['PUT', '/api/queues/transfers/retry/failed'],
    ['PUT', '/api/queues/transfers/promote'],
    ['PUT', '/api/queues/transfers/clean/waiting'],
    ['PUT', '/api/queues/transfers/empty'],
    ['PUT', '/api/queues/transfers/obliterate'],
    ['PUT', '/api/queues/transfers/concurrency'],
    ['PUT', '/api/queues/transfers/rate-limit'],
    ['PUT', '/api/queues/transfers/rate-limit/release'],
    ['PUT', '/api/queues/transfers/job-schedulers/x/remove'],
    ['PUT', '/api/queues/transfers/job-schedulers/x/run'],
    ['PATCH', '/api/queues/transfers/job-schedulers/x'],
  ] as const)('%s %s is read-only', async (method, url) => {
    const id = await accept();
    const answer = await board(url.replace('ID', id), method, {});
    expect(answer.statusCode).toBe(403);
    expect(await api.live.queue.getJob(id)).toBeDefined();
  });
});
