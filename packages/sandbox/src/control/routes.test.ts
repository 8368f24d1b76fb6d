import { expect, test } from 'vitest';
import { type Client, startSandbox } from '../../test/start.ts';

function fieldsOf(reply: { body: Record<string, unknown> }): string[] {
  return (reply.body.errors as { field: string }[]).map((error) => error.field);
}

async function isKnown(client: Client, path: string): Promise<boolean> {
  return (await client.get(path)).status === 200;
}

test('creates, changes and removes calls, users and queues', async () => {
  const { client } = await startSandbox();
  const call = await client.send('PUT', '/control/calls/c', { state: 'held', privacy: true });
  expect(call).toMatchObject({ status: 200, body: { id: 'c', state: 'held', privacy: true } });
  const user = await client.send('PUT', '/control/users/u', { roles: [{ id: 'supervisor' }] });
  expect(user.body).toEqual({ id: 'u', name: 'u', roles: [{ id: 'supervisor', name: 'supervisor' }] });
  expect((await client.send('PUT', '/control/queues/q', { state: 'closed' })).body.state).toBe('closed');
  for (const [control, voice] of [
    ['/control/calls/c', '/api/v2/voice/calls/c'],
    ['/control/users/u', '/api/v2/users/u'],
    ['/control/queues/q', '/api/v2/queue/queues/q'],
  ] as const) {
    expect(await isKnown(client, voice)).toBe(true);
    expect((await client.send('DELETE', control)).status).toBe(204);
    expect(await isKnown(client, voice)).toBe(false);
  }
});

test('an action changes a call; it is a 404 for an unknown call and a 409 for the move of an ended one', async () => {
  const { client } = await startSandbox();
  const move = { action: 'move', target: { id: 'q', type: 'queue' }, transferType: 'consult' };
  expect((await client.send('POST', '/control/calls/c/actions', move)).status).toBe(404);
  await client.send('PUT', '/control/calls/c', {});
  expect((await client.send('POST', '/control/calls/c/actions', move)).body).toMatchObject({
    transferType: 'consult',
    target: { id: 'q' },
  });
  const hungUp = await client.send('POST', '/control/calls/c/actions', { action: 'hang-up' });
  expect(hungUp.body.state).toBe('disconnected');
  expect((await client.send('POST', '/control/calls/c/actions', move)).status).toBe(409);
  const { items } = (await client.get('/control/ledger?callId=c')).body;
  expect(items).toMatchObject([{ by: 'someone-else', transferType: 'consult' }]);
});

test('creates many default entities at once', async () => {
  const { sandbox, client } = await startSandbox();
  const calls = Array.from({ length: 20_000 }, (_, index) => `c-${index}`);
  expect((await client.send('POST', '/control/bulk', { calls, users: ['u'], queues: ['q'] })).status).toBe(
    204,
  );
  expect(calls.every((id) => sandbox.calls.read(id)?.state === 'connected')).toBe(true);
  expect(sandbox.queues.get('q')?.state).toBe('open');
  expect(sandbox.users.get('u')?.roles[0]?.id).toBe('call:transfer:execute');
});

test('changes single settings and shows all of them', async () => {
  const { client } = await startSandbox();
  await client.send('PUT', '/control/settings', { latencyMs: { min: 0, max: 1 } });
  await client.send('PUT', '/control/settings', {
    tokenLifeSeconds: 5,
    eventSecret: 's',
    billingSecret: 's',
  });
  await client.send('PUT', '/control/settings', { billingSecret: null });
  expect((await client.get('/control/settings')).body).toEqual({
    requestsPerMinute: 0,
    rateLimitWindowMs: 60_000,
    latencyMs: { min: 0, max: 1 },
    transferLatencyMs: 0,
    readLagMs: 0,
    tokenLifeSeconds: 5,
    conflictStatus: 409,
    etagCompared: 'when-carried-out',
    webhookRoutes: 'all',
    eventDropRate: 0,
    eventDuplicateRate: 0,
    eventDelayMs: 0,
    eventIds: true,
    eventTargetTypes: false,
    eventClockSkewMs: 0,
    eventRetryIntervalMs: null,
    eventSecret: 's',
    eventHeaders: {},
    billingSecret: null,
    billingLatencyMs: 0,
    billingStatus: null,
  });
});

test('requests are counted per operation and listed per call', async () => {
  const { client } = await startSandbox();
  await client.send('PUT', '/control/calls/c', {});
  await client.get('/api/v2/users/c');
  await client.readCall('c');
  await client.transfer('c', '"old"');
  const { counts, items } = (await client.get('/control/requests?callId=c')).body;
  expect(counts).toEqual({ token: 0, user: 1, call: 1, queue: 0, transfer: 1, webhook: 0 });
  expect(items).toEqual([
    expect.objectContaining({ operation: 'call', id: 'c', status: 200 }),
    expect.objectContaining({ operation: 'transfer', id: 'c', status: 409, ifMatch: '"old"' }),
  ]);
});

test('deleting the ledger deletes effects and requests', async () => {
  const { sandbox, client } = await startSandbox();
  sandbox.putCall('c');
  sandbox.actOnCall('c', { action: 'move', target: { id: 'q', type: 'queue' } });
  await client.readCall('c');
  await client.send('DELETE', '/control/ledger');
  expect((await client.get('/control/ledger')).body.items).toEqual([]);
  const { counts, items } = (await client.get('/control/requests')).body;
  expect({ counts, items }).toEqual({
    counts: { token: 0, user: 0, call: 0, queue: 0, transfer: 0, webhook: 0 },
    items: [],
  });
});

test('tokens expire and scripts apply over HTTP too', async () => {
  const { client } = await startSandbox();
  const script = { operation: 'user', id: 'u', steps: [{ status: 503 }] };
  expect((await client.send('POST', '/control/scripts', script)).status).toBe(204);
  expect((await client.get('/api/v2/users/u')).status).toBe(503);
  await client.send('POST', '/control/scripts', script);
  await client.send('DELETE', '/control/scripts');
  expect((await client.get('/api/v2/users/u')).status).toBe(404);
  await client.send('POST', '/control/tokens/expire');
  expect((await client.get('/api/v2/users/u')).status).toBe(401);
});

test('a reset restores the initial state: seed, settings, no scripts, no bills', async () => {
  const { sandbox, client } = await startSandbox({ seed: true, settings: { requestsPerMinute: 1000 } });
  await client.send('PUT', '/control/settings', { requestsPerMinute: 1 });
  await client.send('PUT', '/control/queues/queue-sales', { state: 'closed' });
  await client.send('PUT', '/control/calls/extra', {});
  await client.send('POST', '/control/scripts', { operation: 'user', steps: [{ status: 503 }] });
  await client.send('POST', '/control/calls/call-1/actions', {
    action: 'move',
    target: { id: 'q', type: 'queue' },
  });
  expect((await client.send('POST', '/control/reset')).status).toBe(204);
  expect(sandbox.settings.requestsPerMinute).toBe(1000);
  expect(sandbox.queues.get('queue-sales')?.state).toBe('open');
  expect(sandbox.calls.has('extra')).toBe(false);
  expect(sandbox.ledger.entries()).toEqual([]);
  await client.login();
  expect((await client.get('/api/v2/users/agent-20')).status).toBe(200);
});

test('the seed has agents, queues and calls of every kind', async () => {
  const { sandbox } = await startSandbox({ seed: true });
  expect(sandbox.users.get('agent-1')?.roles).toMatchObject([{ id: 'call:transfer:execute' }]);
  expect(sandbox.users.get('supervisor-1')?.roles).toMatchObject([{ name: 'Shift Supervisor' }]);
  expect(sandbox.users.get('trainee-1')?.roles).toMatchObject([{ id: 'trainee' }]);
  expect(sandbox.queues.get('queue-support')?.state).toBe('open');
  expect(sandbox.queues.get('queue-closed')?.state).toBe('closed');
  expect(sandbox.queues.get('queue-full')?.state).toBe('at_capacity');
  expect(sandbox.calls.read('call-20')?.state).toBe('connected');
  expect(sandbox.calls.read('call-private')?.privacy).toBe(true);
  expect(sandbox.calls.read('call-ended')?.state).toBe('disconnected');
});

test('health and the front page answer without a token', async () => {
  const { client } = await startSandbox();
  client.token = 'none';
  expect((await client.get('/control/health')).status).toBe(200);
  const page = await client.fetch('GET', '/');
  expect(await page.text()).toContain('/control/health');
});

test.each([
  ['PUT', '/control/calls/c', { state: 5, privacy: 'yes', colour: 'red' }, ['state', 'privacy', 'colour']],
  ['PUT', '/control/calls/c', { target: { id: 'q' } }, ['target.type']],
  ['PUT', '/control/calls/c', [], ['body']],
  ['PUT', '/control/calls/c', 'null-ish', ['body']],
  ['POST', '/control/calls/c/actions', { action: 'explode' }, ['action']],
  ['POST', '/control/calls/c/actions', { action: 'move' }, ['target']],
  ['PUT', '/control/users/u', { roles: [{ name: 'x' }] }, ['roles.0.id']],
  ['PUT', '/control/queues/q', {}, ['state']],
  ['POST', '/control/bulk', { calls: ['ok', ''] }, ['calls.1']],
  ['POST', '/control/scripts', { operation: 'dance', steps: [] }, ['operation', 'steps']],
  [
    'POST',
    '/control/scripts',
    { operation: 'call', steps: [{ status: 42, jump: 1 }] },
    ['steps.0.status', 'steps.0.jump'],
  ],
  ['POST', '/control/scripts', { operation: 'call', steps: [{ effect: true }] }, ['steps.0.effect']],
  [
    'POST',
    '/control/scripts',
    { operation: 'call', steps: [{ drop: 'after', status: 500 }] },
    ['steps.0.drop'],
  ],
  [
    'POST',
    '/control/scripts',
    { operation: 'call', steps: [{ drop: 'after', hang: 'after' }] },
    ['steps.0.hang'],
  ],
  [
    'POST',
    '/control/scripts',
    { operation: 'call', steps: [{ status: 500, headers: { 'a b': 'c' } }] },
    ['steps.0.headers.a b'],
  ],
  [
    'POST',
    '/control/scripts',
    { operation: 'call', steps: [{ status: 500, headers: { a: 'b\nc' } }] },
    ['steps.0.headers.a'],
  ],
  ['POST', '/control/scripts', { operation: 'token', id: 'x', steps: [{}] }, ['id']],
  ...(['user', 'webhook', 'billing'] as const).map(
    (operation) =>
      [
        'POST',
        '/control/scripts',
        { operation, steps: [{ before: { action: 'hang-up' } }] },
        ['steps.0.before'],
      ] as const,
  ),
  ['PUT', '/control/settings', { latencyMs: -1, requestsPerMinute: 1.5 }, ['requestsPerMinute', 'latencyMs']],
  ['PUT', '/control/settings', { latencyMs: { min: 2, max: 1 } }, ['latencyMs']],
  [
    'PUT',
    '/control/settings',
    {
      eventDropRate: 1.1,
      eventClockSkewMs: 0.5,
      eventSecret: 'whsec_?',
      billingSecret: '',
      billingStatus: 42,
    },
    ['eventDropRate', 'eventClockSkewMs', 'eventSecret', 'billingSecret', 'billingStatus'],
  ],
  ['POST', '/control/events', {}, ['callId']],
  ['POST', '/control/simulations', { scenario: 'plain', userId: 'u' }, ['callId', 'targetQueueId']],
  ['GET', '/control/ledger?call=c', undefined, ['call']],
  ['PUT', `/control/calls/${'x'.repeat(201)}`, {}, ['id']],
  ['PUT', '/control/calls/a%00b', {}, ['id']],
] as const)('%s %s with %j is a 400 that names the field', async (method, path, body, fields) => {
  const { client } = await startSandbox();
  const sent = body === 'null-ish' ? '"text"' : body;
  const reply = await client.send(method, path, sent);
  expect(reply.status).toBe(400);
  expect(fieldsOf(reply)).toEqual(fields);
});

test('refuses malformed JSON, another content type and a malformed URL with a message', async () => {
  const { client } = await startSandbox();
  expect((await client.send('PUT', '/control/calls/c', '{')).status).toBe(400);
  expect((await client.send('PUT', '/control/calls/c', 'a=b', { 'content-type': 'text/csv' })).status).toBe(
    415,
  );
  expect((await client.send('PUT', '/control/calls/%E0%A4%A', {})).status).toBe(400);
  expect((await client.send('PATCH', '/control/calls/c', {})).status).toBe(404);
});

test('a DELETE with a JSON content type and no body is accepted', async () => {
  const { client } = await startSandbox();
  const reply = await client.send('DELETE', '/control/scripts', undefined, {
    'content-type': 'application/json',
  });
  expect(reply.status).toBe(204);
});
