import { expect, test } from 'vitest';
import { blindTo, startSandbox } from '../../test/start.ts';

test('a token request answers with a token and its life', async () => {
  const { client } = await startSandbox({ settings: { tokenLifeSeconds: 60 } });
  const reply = await client.askForToken();
  expect(reply.status).toBe(200);
  expect(reply.body).toMatchObject({ access_token: expect.any(String), expires_in: 60 });
});

test('a token request with another grant type or without a secret is a 400', async () => {
  const { client } = await startSandbox();
  const otherGrant = await client.askForToken({ grant_type: 'password' });
  expect(otherGrant).toMatchObject({ status: 400, body: { code: 'unsupported.grant.type' } });
  const noSecret = await client.askForToken({ client_secret: undefined });
  expect(noSecret).toMatchObject({ status: 400, body: { code: 'bad.request' } });
  expect(noSecret.body.message).toContain('client_secret');
});

test('a named client needs its own secret', async () => {
  const { client } = await startSandbox({ client: { id: 'handover', secret: 'secret' } });
  expect((await client.askForToken()).status).toBe(200);
  expect((await client.askForToken({ client_secret: 'wrong' })).status).toBe(401);
  expect((await client.askForToken({ client_id: 'other' })).status).toBe(401);
});

test('every other route answers 401 without a valid token, in Genesys format', async () => {
  let now = 1_000_000;
  const { sandbox, client } = await startSandbox({ now: () => now, settings: { tokenLifeSeconds: 10 } });
  sandbox.addMany({ calls: ['c'], users: ['u'], queues: ['q'] });
  now += 9_999;
  expect((await client.readCall('c')).status).toBe(200);
  now += 1;
  for (const path of ['/api/v2/users/u', '/api/v2/voice/calls/c', '/api/v2/queue/queues/q']) {
    expect((await client.get(path)).status).toBe(401);
  }
  const reply = await client.transfer('c', '"x"');
  expect(reply.body).toEqual({
    status: 401,
    code: 'bad.credentials',
    message: expect.any(String),
    contextId: expect.any(String),
  });
});

test('expiring all tokens leaves new ones alive', async () => {
  const { sandbox, client } = await startSandbox();
  sandbox.putUser('u');
  sandbox.expireTokens();
  expect((await client.get('/api/v2/users/u')).status).toBe(401);
  await client.login();
  expect((await client.get('/api/v2/users/u')).status).toBe(200);
});

test('shows users, calls and queues as the dialect defines', async () => {
  const { sandbox, client } = await startSandbox();
  sandbox.putUser('u', { name: 'Ann', roles: [{ id: 'r', name: 'Night Supervisor' }] });
  sandbox.putQueue('q', { name: 'Sales', state: 'at_capacity' });
  sandbox.putCall('c', { privacy: true });
  expect((await client.get('/api/v2/users/u')).body).toEqual({
    id: 'u',
    name: 'Ann',
    roles: [{ id: 'r', name: 'Night Supervisor' }],
  });
  expect((await client.get('/api/v2/queue/queues/q')).body).toEqual({
    id: 'q',
    name: 'Sales',
    state: 'at_capacity',
  });
  const call = await client.readCall('c');
  expect(call.body).toEqual({ id: 'c', state: 'connected', privacy: true, etag: expect.any(String) });
  expect(call.headers.get('etag')).toBe(call.body.etag);
});

test('unknown and deleted ids are 404', async () => {
  const { sandbox, client } = await startSandbox();
  sandbox.putUser('u');
  sandbox.deleteUser('u');
  expect(await client.get('/api/v2/users/u')).toMatchObject({
    status: 404,
    body: { code: 'user.not.found' },
  });
  expect(await client.get('/api/v2/queue/queues/q')).toMatchObject({
    status: 404,
    body: { code: 'queue.not.found' },
  });
  expect(await client.readCall('c')).toMatchObject({ status: 404, body: { code: 'call.not.found' } });
  expect(await client.transfer('c', '"x"')).toMatchObject({ status: 404, body: { code: 'call.not.found' } });
});

test('ids are opaque: encoded slashes, spaces and long words arrive unchanged', async () => {
  const { sandbox, client } = await startSandbox();
  for (const id of ['a/b', 'a b?c#d', '~x', '%41', 'ü'.repeat(200)]) {
    sandbox.putCall(id);
    expect((await client.readCall(id)).body.id).toBe(id);
  }
});

test('a transfer with the current ETag moves the call and writes the ledger at once', async () => {
  const { sandbox, client } = await startSandbox();
  const before = sandbox.putCall('c');
  sandbox.putQueue('queue-1');
  const body = { ...blindTo('queue-1'), wrapUpCode: { id: 'w' } };
  const reply = await client.transfer('c', before.etag, body);
  expect(reply.status).toBe(200);
  expect(reply.body).toMatchObject({ transferType: 'blind', target: { id: 'queue-1', type: 'queue' } });
  const after = await client.readCall('c');
  expect(after.body).toEqual(reply.body);
  expect(after.body.etag).not.toBe(before.etag);
  expect(sandbox.ledger.entries('c')).toEqual([
    {
      seq: 1,
      at: expect.any(Number),
      callId: 'c',
      by: 'api',
      transferType: 'blind',
      target: { id: 'queue-1', type: 'queue' },
      wrapUpCode: { id: 'w' },
      ifMatch: before.etag,
      etagBefore: before.etag,
      etagAfter: after.body.etag,
    },
  ]);
});

test('a consult to a user needs no known target, as only queues are looked up', async () => {
  const { sandbox, client } = await startSandbox();
  const { etag } = sandbox.putCall('c');
  const reply = await client.transfer('c', etag, {
    transferType: 'consult',
    target: { id: 'bob', type: 'user' },
  });
  expect(reply).toMatchObject({ status: 200, body: { transferType: 'consult', target: { id: 'bob' } } });
});

test.each([
  ['hang-up', { action: 'hang-up' }],
  ['make-private', { action: 'make-private' }],
  ['bump-etag', { action: 'bump-etag' }],
  ['move', { action: 'move', target: { id: 'elsewhere', type: 'queue' } }],
] as const)('after %s the previously read ETag no longer matches', async (_name, action) => {
  const { sandbox, client } = await startSandbox();
  const { etag } = sandbox.putCall('c');
  sandbox.putQueue('queue-1');
  sandbox.actOnCall('c', action);
  expect(await client.transfer('c', etag)).toMatchObject({ status: 409, body: { code: 'etag.mismatch' } });
  expect(sandbox.ledger.entries().filter((entry) => entry.by === 'api')).toEqual([]);
});

test('a reset of the call creates a new ETag too', async () => {
  const { sandbox, client } = await startSandbox();
  const { etag } = sandbox.putCall('c');
  sandbox.putCall('c', { state: 'held' });
  expect((await client.transfer('c', etag)).status).toBe(409);
});

test('a mismatch answers 412 if configured', async () => {
  const { sandbox, client } = await startSandbox({ settings: { conflictStatus: 412 } });
  sandbox.putCall('c');
  expect((await client.transfer('c', '"old"')).status).toBe(412);
});

test('if the ETag is compared on arrival, two concurrent requests are both executed', async () => {
  const { sandbox, client } = await startSandbox({ settings: { transferLatencyMs: 50 } });
  sandbox.putQueue('queue-1');
  const statuses = async (id: string) => {
    const { etag } = sandbox.putCall(id);
    const answers = await Promise.all([client.transfer(id, etag), client.transfer(id, etag)]);
    return answers.map(({ status }) => status).sort();
  };
  expect(await statuses('carried-out')).toEqual([200, 409]);
  sandbox.changeSettings({ etagCompared: 'on-arrival' });
  expect(await statuses('arrived')).toEqual([200, 200]);
  expect(sandbox.ledger.entries('arrived').filter(({ by }) => by === 'api')).toHaveLength(2);
});

test('a transfer without If-Match is a 428', async () => {
  const { sandbox, client } = await startSandbox();
  sandbox.putCall('c');
  expect(await client.transfer('c', undefined)).toMatchObject({
    status: 428,
    body: { code: 'precondition.required' },
  });
});

test('an ended, a private call and an unknown queue are refused under the current ETag, without effect', async () => {
  const { sandbox, client } = await startSandbox();
  const ended = sandbox.putCall('ended', { state: 'terminated' });
  const secret = sandbox.putCall('private', { privacy: true });
  const call = sandbox.putCall('c');
  sandbox.putQueue('queue-1');
  expect(await client.transfer('ended', ended.etag)).toMatchObject({
    status: 400,
    body: { code: 'call.not.connected' },
  });
  expect(await client.transfer('private', secret.etag)).toMatchObject({
    status: 403,
    body: { code: 'call.is.private' },
  });
  expect(await client.transfer('c', call.etag, blindTo('nowhere'))).toMatchObject({
    status: 404,
    body: { code: 'queue.not.found' },
  });
  expect(sandbox.ledger.entries()).toEqual([]);
});

test.each([
  ['transferType', { target: { id: 'q', type: 'queue' } }],
  ['transferType', { transferType: 'warm', target: { id: 'q', type: 'queue' } }],
  ['target.id', { transferType: 'blind', target: { type: 'queue' } }],
  ['target.type', { transferType: 'blind', target: { id: 'q', type: 'phone' } }],
  ['wrapUpCode', { transferType: 'blind', target: { id: 'q', type: 'queue' }, wrapUpCode: 'w' }],
])('a transfer with an invalid %s is a 400 that names it', async (field, body) => {
  const { sandbox, client } = await startSandbox();
  const { etag } = sandbox.putCall('c');
  const reply = await client.transfer('c', etag, body);
  expect(reply).toMatchObject({ status: 400, body: { code: 'bad.request' } });
  expect(reply.body.message).toContain(field);
});

test('a body that is not JSON, an unknown route and a broken URL are errors in Genesys format', async () => {
  const { sandbox, client } = await startSandbox();
  const { etag } = sandbox.putCall('c');
  const shape = { code: expect.any(String), message: expect.any(String), contextId: expect.any(String) };
  expect(await client.transfer('c', etag, '{')).toMatchObject({ status: 400, body: shape });
  expect(await client.get('/api/v2/nothing')).toMatchObject({ status: 404, body: shape });
  expect(await client.get('/api/v2/users/%ZZ')).toMatchObject({ status: 400, body: shape });
});

test('exactly one of 200 concurrent transfers with the same ETag has an effect', async () => {
  const { sandbox, client } = await startSandbox({ settings: { latencyMs: { min: 0, max: 20 } } });
  const { etag } = sandbox.putCall('c');
  sandbox.putQueue('queue-1');
  const replies = await Promise.all(Array.from({ length: 200 }, () => client.transfer('c', etag)));
  expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
  expect(replies.filter((reply) => reply.status === 409)).toHaveLength(199);
  expect(sandbox.ledger.entries('c')).toHaveLength(1);
  expect(sandbox.requests.counts().transfer).toBe(200);
});

test('with a read lag a call is shown, ETag included, as it was before', async () => {
  let now = 0;
  const { sandbox, client } = await startSandbox({ now: () => now, settings: { readLagMs: 500 } });
  const first = sandbox.putCall('c');
  sandbox.putQueue('queue-1');
  now = 1_000;
  const moved = await client.transfer('c', first.etag);
  expect(moved.status).toBe(200);
  now = 1_499;
  expect((await client.readCall('c')).body).toEqual(first);
  expect((await client.transfer('c', first.etag)).status).toBe(409);
  now = 1_500;
  expect((await client.readCall('c')).body).toEqual(moved.body);
});
