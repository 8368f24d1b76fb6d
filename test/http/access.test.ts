import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

const KEYED = {
  API_KEYS: 'crm=crm-secret-1,ivr=ivr-secret-2',
  ADMIN_USER: 'boss',
  ADMIN_PASSWORD: 'p:ss wörd',
};
const OPEN_ROUTES = ['/healthz', '/readyz', '/problems'];
const OPERATION = ['/metrics', '/openapi.json', '/docs/'];

let open: TestApi;
let keyed: TestApi;
beforeAll(async () => {
  open = await startApi({ redisUrl: inject('redisUrl') });
  keyed = await startApi({ redisUrl: inject('redisUrl'), env: KEYED });
  await Promise.all([connected(open), connected(keyed)]);
});
afterAll(async () => {
  await open.close();
  await keyed.close();
});

const basic = (credentials: string) => ({
  authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
});

describe('with API keys', () => {
  const submit = (headers: Record<string, string>) =>
    keyed.app.inject({ method: 'POST', url: '/api/transfers', headers, payload: transferBody() });

  test('each key is its own actor, and idempotency keys belong to one of them', async () => {
    const payload = transferBody();
    const as = (key: string) => ({ authorization: `Bearer ${key}`, 'idempotency-key': 'shared' });
    const first = await keyed.app.inject({
      method: 'POST',
      url: '/api/transfers',
      headers: as('crm-secret-1'),
      payload,
    });
    const shown = await keyed.app.inject({
      url: first.headers.location ?? '',
      headers: { authorization: 'bearer ivr-secret-2' },
    });
    expect(shown.json().actor).toEqual({ type: 'apiKey', name: 'crm' });
    const second = await submit(as('ivr-secret-2'));
    expect(second.statusCode).toBe(202);
    expect(second.json().id).not.toBe(first.json().id);
  });

  test.each([
    ['no header', {}],
    ['a wrong key', { authorization: 'Bearer crm-secret-9' }],
    ['another scheme', { authorization: 'Token crm-secret-1' }],
    ['an empty key', { authorization: 'Bearer ' }],
  ])('%s is refused without echoing it', async (_what, headers) => {
    const answer = await submit(headers as Record<string, string>);
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    expect(answer.json().code).toBe('unauthenticated');
    expect(answer.body).not.toContain('crm-secret');
  });

  test.each([
    ['POST', '/api/transfers/batch'],
    ['GET', '/api/transfers?callId=x'],
    ['GET', '/api/transfers/x'],
    ['DELETE', '/api/transfers/x'],
    ['GET', '/api/transfers/x/events'],
    ['POST', '/api/simulator/transfer'],
    ['GET', '/api/reports/quality'],
    ['GET', '/api/reports/billing'],
    ['GET', '/api/billing/records'],
    ['GET', '/api/billing/discrepancies'],
  ] as const)('%s %s needs a key', async (method, url) => {
    expect((await keyed.app.inject({ method, url })).statusCode).toBe(401);
  });

  test.each(OPEN_ROUTES)('%s needs no key, and answers any host', async (url) => {
    const answer = await keyed.app.inject({ url, headers: { host: 'handover.example.com' } });
    expect(answer.statusCode).toBe(200);
  });

  test.each(OPERATION)('%s needs a key or the login', async (url) => {
    expect((await keyed.app.inject({ url })).statusCode).toBe(401);
    for (const headers of [{ authorization: 'Bearer crm-secret-1' }, basic('boss:p:ss wörd')])
      expect((await keyed.app.inject({ url, headers })).statusCode).toBe(200);
  });

  test('a browser is asked for the login, a script of a page is not', async () => {
    const asked = async (headers: Record<string, string>) =>
      (await keyed.app.inject({ url: '/docs/', headers })).headers['www-authenticate'];
    expect(await asked({ 'sec-fetch-mode': 'navigate' })).toMatch(/Basic /);
    expect(await asked({ 'sec-fetch-mode': 'cors' })).toBe('Bearer realm="handover"');
  });

  test('/readyz tells details only to a key or the login, and its status to everybody', async () => {
    const ready = async (headers: Record<string, string>) => {
      const answer = await keyed.app.inject({ url: '/readyz', headers });
      expect(answer.statusCode).toBe(200);
      return answer.json();
    };
    for (const headers of [{}, { authorization: 'Bearer wrong-key-1' }, basic('boss:wrong')])
      expect(await ready(headers)).toEqual({ status: 'ready' });
    for (const headers of [{ authorization: 'Bearer crm-secret-1' }, basic('boss:p:ss wörd')])
      expect(await ready(headers)).toMatchObject({ status: 'ready', redis: 'connected' });
  });

  test('PUBLIC_OPERATION opens metrics, documentation and details, and nothing else', async () => {
    const API_KEYS = `${KEYED.API_KEYS},school:train=key-for-training`;
    const env = { ...KEYED, API_KEYS, PUBLIC_OPERATION: 'true' };
    const shown = await startApi({ redisUrl: inject('redisUrl'), env });
    await connected(shown);
    const host = 'handover.example.com';
    for (const url of OPERATION)
      expect((await shown.app.inject({ url, headers: { host } })).statusCode).toBe(200);
    expect((await shown.app.inject({ url: '/readyz', headers: { host } })).json()).toHaveProperty('redis');
    const trainer = { host, authorization: 'Bearer key-for-training' };
    expect((await shown.app.inject({ url: '/metrics', headers: trainer })).statusCode).toBe(200);
    for (const url of ['/api/transfers?callId=x', '/api/dead-letters', '/api/session', '/admin/queues'])
      expect((await shown.app.inject({ url, headers: { host } })).statusCode).toBe(401);
    await shown.close();
  });
});

describe('operators', () => {
  const routes = [
    ['GET', '/api/dead-letters'],
    ['POST', '/api/dead-letters/x/replay'],
    ['POST', '/api/dead-letters/x/resolve'],
    ['GET', '/admin/queues'],
    ['GET', '/admin/queues/api/queues'],
    ['PUT', '/admin/queues/api/queues/pause'],
  ] as const;

  test.each(routes)('%s %s requires a name and a password, or a role', async (method, url) => {
    const keyless = await keyed.app.inject({
      method,
      url,
      headers: { authorization: 'Bearer crm-secret-1' },
    });
    expect(keyless.json()).toMatchObject({ status: 403, code: 'not-allowed' });
    // Each from its own address: failures slow down sign-in.
    const remoteAddress = `192.0.2.${routes.findIndex((route) => route[0] === method && route[1] === url)}`;
    for (const headers of [{}, basic('boss:wrong'), basic('other:p:ss wörd')]) {
      const answer = await keyed.app.inject({ method, url, headers, remoteAddress });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
  });

  test('are admitted with valid credentials', async () => {
    const headers = basic('boss:p:ss wörd');
    expect((await keyed.app.inject({ url: '/api/dead-letters', headers })).statusCode).toBe(200);
    expect((await keyed.app.inject({ url: '/admin/queues', headers })).statusCode).toBe(200);
    for (const url of [
      '/api/transfers?callId=x',
      '/api/reports/quality',
      '/api/billing/records',
      '/api/audit',
    ])
      expect((await keyed.app.inject({ url, headers })).statusCode).toBe(200);
  });
});

describe('without keys', () => {
  test.each(['localhost', 'LOCALHOST:3000', '127.0.0.1:1', '127.1.2.3', '[::1]', '[::1]:3000'])(
    'the host %s is answered',
    async (host) => {
      const answer = await open.app.inject({ url: '/api/dead-letters', headers: { host } });
      expect(answer.statusCode).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '[::2]',
    'localhost:x',
  ])('the host %j is refused everywhere', async (host) => {
    for (const url of [
      ...OPEN_ROUTES,
      ...OPERATION,
      '/api/transfers/x',
      '/api/dead-letters',
      '/admin/queues',
      '/nothing',
    ]) {
      const answer = await open.app.inject({ url, headers: { host } });
      expect(answer.statusCode).toBe(403);
      expect(answer.json().code).toBe('host-not-allowed');
    }
  });
});
