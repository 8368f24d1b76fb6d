import { expect, test } from 'vitest';
import { register, registrationOf } from '../../test/receiver.ts';
import { type Client, startSandbox } from '../../test/start.ts';

const path = '/api/v2/integrations/webhooks';
const callbackUrl = 'https://handover.example/webhooks/billing-sync?token=t';
const registration = registrationOf(callbackUrl);

async function listed(client: Client): Promise<unknown> {
  return (await client.get(path)).body.entities;
}

test('each registration creates another webhook, with its own id', async () => {
  const { sandbox, client } = await startSandbox();
  const first = await register(client, callbackUrl);
  expect(first).toMatchObject({ status: 200, body: { id: expect.any(String), ...registration } });
  const second = await register(client, callbackUrl);
  expect(second.body.id).not.toBe(first.body.id);
  expect(sandbox.webhooks.list()).toEqual([first.body, second.body]);
  expect(await listed(client)).toEqual([first.body, second.body]);
  expect((await client.get('/control/webhooks')).body).toEqual({ items: [first.body, second.body] });
});

test('description, retry policy and filter are optional, unknown fields are dropped', async () => {
  const { sandbox, client } = await startSandbox();
  const few = { description: undefined, retry_policy: undefined, filter: undefined, colour: 'red' };
  expect((await register(client, callbackUrl, few)).status).toBe(200);
  const fields = Object.keys(sandbox.webhooks.list()[0] ?? {});
  expect(fields.sort()).toEqual(['callback_url', 'content_type', 'events', 'id', 'method', 'name']);
});

test('a webhook is replaced as read back, and removed', async () => {
  const { client } = await startSandbox();
  const { body: webhook } = await register(client, callbackUrl);
  const replacement = { ...webhook, callback_url: 'http://other.example/' };
  const replaced = await client.send('PUT', `${path}/${webhook.id}`, replacement);
  expect(replaced).toMatchObject({ status: 200, body: replacement });
  expect(await listed(client)).toEqual([replacement]);
  const removed = await client.send('DELETE', `${path}/${webhook.id}`);
  expect(removed).toMatchObject({ status: 204, body: {} });
  expect(await listed(client)).toEqual([]);
  for (const method of ['PUT', 'DELETE']) {
    const unknown = await client.send(method, `${path}/${webhook.id}`, registration);
    expect(unknown).toMatchObject({ status: 404, body: { code: 'webhook.not.found' } });
  }
});

test.each([
  ['name', { name: '' }],
  ['events', { events: 'voice.call.updated' }],
  ['events.0', { events: [5] }],
  ['callback_url', { callback_url: 'handover.example' }],
  ['callback_url', { callback_url: 'ftp://handover.example/' }],
  ['method', { method: 'PUT' }],
  ['content_type', { content_type: 'text/xml' }],
  ['retry_policy.retry_count', { retry_policy: { retry_count: 11, retry_interval_seconds: 1 } }],
  ['retry_policy.retry_interval_seconds', { retry_policy: { retry_count: 1, retry_interval_seconds: -1 } }],
  ['filter.event_data', { filter: {} }],
  [
    'filter.event_data.voice.call.updated.transferType',
    { filter: { event_data: { 'voice.call.updated': { transferType: { $eq: 'blind' } } } } },
  ],
])('an invalid %s is a 400 that names it, for new and existing webhooks', async (field, change) => {
  const { sandbox, client } = await startSandbox();
  const { body: webhook } = await register(client, callbackUrl);
  const replies = [
    await register(client, callbackUrl, change),
    await client.send('PUT', `${path}/${webhook.id}`, registrationOf(callbackUrl, change)),
  ];
  for (const reply of replies) {
    expect(reply).toMatchObject({
      status: 400,
      body: { code: 'bad.request', contextId: expect.any(String) },
    });
    expect(reply.body.message).toContain(field);
  }
  expect(sandbox.webhooks.list()).toEqual([webhook]);
});

test('with only the POST, the other routes are unknown', async () => {
  const { sandbox, client } = await startSandbox({ settings: { webhookRoutes: 'create' } });
  const { body: webhook } = await register(client, callbackUrl);
  client.token = 'none';
  for (const [method, route] of [
    ['GET', path],
    ['PUT', `${path}/${webhook.id}`],
    ['DELETE', `${path}/${webhook.id}`],
  ] as const) {
    const body = method === 'PUT' ? registration : undefined;
    expect(await client.send(method, route, body)).toMatchObject({
      status: 404,
      body: { code: 'not.found' },
    });
  }
  expect(sandbox.webhooks.list()).toEqual([webhook]);
  expect(sandbox.requests.counts().webhook).toBe(1);
});

test('every route needs a token, counts for the rate limit and is in the request log', async () => {
  const { sandbox, client } = await startSandbox({ settings: { requestsPerMinute: 1 } });
  expect((await client.get(path)).status).toBe(200);
  expect((await register(client, callbackUrl)).status).toBe(429);
  client.token = 'none';
  expect((await client.send('PUT', `${path}/w`, registration)).status).toBe(401);
  expect((await client.send('DELETE', `${path}/w`)).status).toBe(401);
  expect(sandbox.webhooks.list()).toEqual([]);
  expect(sandbox.requests.entries()).toMatchObject([
    { operation: 'webhook', id: null, status: 200 },
    { operation: 'webhook', id: null, status: 429 },
    { operation: 'webhook', id: 'w', status: 401 },
    { operation: 'webhook', id: 'w', status: 401 },
  ]);
});

test('a scripted status registers nothing, unless the step says so', async () => {
  const { sandbox, client } = await startSandbox();
  sandbox.addScript({ operation: 'webhook', steps: [{ status: 503 }, { status: 503, effect: true }] });
  expect((await register(client, callbackUrl)).status).toBe(503);
  expect(sandbox.webhooks.list()).toHaveLength(0);
  expect((await register(client, callbackUrl)).status).toBe(503);
  expect(sandbox.webhooks.list()).toHaveLength(1);
});

test.each([
  ['a drop before', 0, { drop: 'before' }],
  ['a drop after', 1, { drop: 'after' }],
  ['a cut body', 1, { cutBody: true }],
  ['an invalid body', 1, { invalidBody: true }],
] as const)('with %s the answer is lost, and there are %i webhooks', async (_name, count, step) => {
  const { sandbox, client } = await startSandbox();
  sandbox.addScript({ operation: 'webhook', steps: [step] });
  await expect(register(client, callbackUrl)).rejects.toThrow();
  expect(sandbox.webhooks.list()).toHaveLength(count);
});

test('a script can apply to one webhook', async () => {
  const { sandbox, client } = await startSandbox();
  const { body: webhook } = await register(client, callbackUrl);
  sandbox.addScript({ operation: 'webhook', id: String(webhook.id), steps: [{ drop: 'after' }] });
  expect(await listed(client)).toHaveLength(1);
  await expect(client.send('DELETE', `${path}/${webhook.id}`)).rejects.toThrow();
  expect(await listed(client)).toEqual([]);
});

test('a reset deletes the webhooks', async () => {
  const { sandbox, client } = await startSandbox();
  await register(client, callbackUrl);
  sandbox.reset();
  expect(sandbox.webhooks.list()).toEqual([]);
});
