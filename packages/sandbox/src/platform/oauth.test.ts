import { expect, test } from 'vitest';
import { startPlatform } from '../../test/platform.ts';

test('a client gets a token by Basic authentication and a form; tokens/me says who it is', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.directory.clients.put('id-1', { secret: 'right', name: 'Handover' });
  const given = await client.askForPlatformToken('id-1', 'right');
  expect(given).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 3600 } });
  client.token = String(given.body.access_token);
  expect(await client.get('/api/v2/tokens/me')).toMatchObject({
    status: 200,
    body: {
      organization: { name: 'Handover Sandbox' },
      OAuthClient: { id: 'id-1', name: 'Handover', authorizedGrantType: 'CLIENT-CREDENTIALS' },
    },
  });
  expect(await client.send('HEAD', '/api/v2/tokens/me')).toMatchObject({ status: 200, body: {} });
});

test.each([
  ['an unknown client', 'id-x', 'right', undefined, 400, 'invalid_client', 'client not found'],
  ['a wrong secret', 'id-1', 'wrong', undefined, 401, 'invalid_client', 'authentication failed'],
  ['a client of another grant', 'code', 'right', undefined, 400, 'unauthorized_client', /grant type/],
  ['another grant', 'id-1', 'right', 'grant_type=password', 400, 'unsupported_grant_type', /password/],
  ['no grant', 'id-1', 'right', '', 400, 'invalid_request', /missing/],
])('%s is refused in the shape of OAuth', async (_what, id, secret, form, status, error, words) => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.directory.clients.put('id-1', { secret: 'right' });
  sandbox.platform.directory.clients.put('code', { secret: 'right', authorizedGrantType: 'CODE' });
  const reply = await client.askForPlatformToken(id, secret, form);
  const text = expect.stringMatching(words);
  expect(reply).toMatchObject({ status, body: { error, description: text, error_description: text } });
});

test('a body in JSON is no form, and a request without credentials names no client', async () => {
  const { client } = await startPlatform();
  const json = await client.send('POST', '/oauth/token', { grant_type: 'client_credentials' });
  expect(json).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const bare = await client.send('POST', '/oauth/token', 'grant_type=client_credentials', form);
  expect(bare).toMatchObject({ status: 400, body: { error: 'invalid_client' } });
});

test('token requests fail by script, for one client or for all', async () => {
  const { sandbox, client } = await startPlatform();
  const tooMany = { status: 429, headers: { 'retry-after': '10' }, times: 2 };
  sandbox.platform.addScript({ operation: 'postOauthToken', steps: [tooMany] });
  const refused = await client.askForPlatformToken('id', 's');
  expect(refused).toMatchObject({ status: 429, body: { error: 'rate_limit_exceeded' } });
  expect(refused.headers.get('retry-after')).toBe('10');
  expect((await client.askForPlatformToken('id', 's')).status).toBe(429);
  expect((await client.askForPlatformToken('id', 's')).status).toBe(200);
  const step = { status: 401, code: 'invalid_client', message: 'authentication failed' };
  sandbox.platform.addScript({ operation: 'postOauthToken', id: 'other', steps: [step] });
  expect((await client.askForPlatformToken('id', 's')).status).toBe(200);
  expect(await client.askForPlatformToken('other', 's')).toMatchObject({
    status: 401,
    body: { error: 'invalid_client', description: 'authentication failed' },
  });
});

test('a token expires, in time or by control', async () => {
  let now = 1_000_000;
  const { sandbox, client } = await startPlatform({ now: () => now });
  expect((await client.get('/api/v2/tokens/me')).status).toBe(200);
  now += 3_600_000;
  expect(await client.get('/api/v2/tokens/me')).toMatchObject({
    status: 401,
    body: { code: 'bad.credentials' },
  });
  await client.logIn();
  sandbox.expireTokens();
  expect((await client.get('/api/v2/users/x')).status).toBe(401);
  const without = await client.send('GET', '/api/v2/tokens/me', undefined, { authorization: '' });
  expect(without).toMatchObject({ status: 401, body: { code: 'authentication.required' } });
});

test('a token of the voice API is none of the Platform API, and the other way round', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.putUser('u', { name: 'Voice' });
  sandbox.putCall('c');
  sandbox.platform.directory.users.put('u', { name: 'Platform' });
  expect((await client.get('/api/v2/users/u')).body).toMatchObject({ name: 'Platform', version: 1 });
  expect((await client.readCall('c')).status).toBe(401);
  await client.login();
  expect((await client.get('/api/v2/users/u')).body).toMatchObject({ name: 'Voice', roles: [{}] });
  expect((await client.readConversation('c')).status).toBe(401);
  expect(sandbox.requests.counts()).toMatchObject({ user: 1, getUser: 1, getConversationsCall: 1 });
});

test('every answer tells the correlation id and how much of the limit is used', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.changeSettings({ requestsPerMinute: 2 });
  const { headers } = await client.get('/api/v2/tokens/me');
  expect(headers.get('inin-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers.get('inin-ratelimit-count')).toBe('1');
  expect(headers.get('inin-ratelimit-allowed')).toBe('2');
  expect(Number(headers.get('inin-ratelimit-reset'))).toBeGreaterThan(0);
  const unknown = await client.readConversation('x');
  const contextId = unknown.headers.get('inin-correlation-id');
  expect(unknown.body).toMatchObject({ status: 404, contextId, details: [], errors: [] });
  expect(sandbox.requests.entries('x')).toMatchObject([{ correlationId: contextId }]);
  const refused = await client.get('/api/v2/tokens/me');
  const seconds = refused.headers.get('retry-after');
  expect(refused).toMatchObject({
    status: 429,
    body: {
      code: 'too.many.requests.retry.after',
      message: `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`,
      limit: { namespace: 'platform.api', key: 'client.credentials.token.rate.per.minute', value: 2 },
    },
  });
});

test('others spend a part of the limit; without a limit the headers name a large one', async () => {
  const { sandbox, client } = await startPlatform();
  const free = await client.get('/api/v2/tokens/me');
  expect(free.headers.get('inin-ratelimit-allowed')).toBe('1000000');
  await client.logIn();
  sandbox.changeSettings({ requestsPerMinute: 300 });
  sandbox.platform.changeSettings({ requestsByOthers: 180 });
  const { headers } = await client.get('/api/v2/tokens/me');
  expect(headers.get('inin-ratelimit-count')).toBe('181');
});

test('a scripted 429 names the limit of another namespace', async () => {
  const { sandbox, client } = await startPlatform();
  const limit = { namespace: 'conversation', key: 'transfer.rate.per.second', value: 3 };
  sandbox.platform.addScript({ operation: 'getUser', steps: [{ status: 429, limit }] });
  const refused = await client.get('/api/v2/users/agent-a');
  expect(refused).toMatchObject({ status: 429, body: { code: 'too.many.requests.retry.after', limit } });
  expect(refused.headers.get('retry-after')).toBe('3');
  expect((await client.get('/api/v2/users/agent-a')).status).toBe(200);
});
