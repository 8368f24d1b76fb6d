import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

const ENV = {
  API_KEYS: 'crm=key-of-the-crm,school:train=key-of-the-school,chief:admin=key-of-the-chief',
  ADMIN_USER: 'boss',
  ADMIN_PASSWORD: 'p:ss wörd',
};
const LOGIN = { user: 'boss', password: 'p:ss wörd' };

const opened: TestApi[] = [];
async function open(env: Record<string, string> = ENV, prefix?: string): Promise<TestApi> {
  const one = await startApi({ redisUrl: inject('redisUrl'), env, ...(prefix && { prefix }) });
  opened.push(one);
  await connected(one);
  return one;
}

let api: TestApi;
beforeAll(async () => {
  api = await open();
});
afterAll(async () => {
  for (const one of opened.reverse()) await one.close();
});

let lastAddress = 0;
/** An address that has failed nothing so far. */
const freshAddress = () => `198.51.100.${++lastAddress}`;

function signIn(payload: object, { app } = api, remoteAddress = freshAddress()) {
  return app.inject({ method: 'POST', url: '/api/session', payload, remoteAddress });
}

/** Signs in; returns what a browser then sends. */
async function sessionOf(payload: object, one = api) {
  const answer = await signIn(payload, one);
  expect(answer.statusCode).toBe(200);
  const { csrfToken, ...who } = answer.json();
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  return { cookie, csrfToken: csrfToken as string, who };
}

async function audited(action: string) {
  const headers = { authorization: 'Bearer key-of-the-chief' };
  return (await api.app.inject({ url: `/api/audit?action=${action}`, headers })).json().items;
}

describe('a session', () => {
  test('is begun with the login, and reads and acts as that operator', async () => {
    const { cookie, csrfToken, who } = await sessionOf(LOGIN);
    expect(who).toMatchObject({ name: 'boss', kind: 'operator', roles: ['operate'] });
    const seen = await api.app.inject({ url: '/api/session', headers: { cookie } });
    expect(seen.json()).toEqual({ ...who, csrfToken });
    expect((await api.app.inject({ url: '/api/dead-letters', headers: { cookie } })).statusCode).toBe(200);
    expect((await api.app.inject({ url: '/admin/queues', headers: { cookie } })).statusCode).toBe(200);
    expect((await api.app.inject({ url: '/api/configuration', headers: { cookie } })).statusCode).toBe(403);
  });

  test('is begun with a key, and is that key', async () => {
    const { cookie, csrfToken, who } = await sessionOf({ key: 'key-of-the-crm' });
    expect(who).toMatchObject({ name: 'crm', kind: 'key', roles: [] });
    const headers = { cookie, 'x-csrf-token': csrfToken };
    const answer = await api.app.inject({
      method: 'POST',
      url: '/api/transfers',
      headers,
      payload: transferBody(),
    });
    expect((await api.live.store.recordOf(answer.json().id))?.actor).toEqual({ type: 'apiKey', name: 'crm' });
  });

  test('has a cookie that scripts and other sites never get, with an expiry', async () => {
    const cookie = String((await signIn(LOGIN)).headers['set-cookie']);
    expect(cookie).toMatch(/^handover_session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/);
    const expires = Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? '');
    expect(expires - Date.now()).toBeGreaterThan(11 * 3_600_000);
    expect(expires - Date.now()).toBeLessThan(13 * 3_600_000);
  });

  test('is Secure and below its path where PUBLIC_URL is https', async () => {
    const secure = await open({ ...ENV, PUBLIC_URL: 'https://example.org/calls' }, api.prefix);
    const cookie = String((await signIn(LOGIN, secure)).headers['set-cookie']);
    expect(cookie).toMatch(/; Path=\/calls; .*; Secure; SameSite=Strict$/);
  });

  test('changes nothing without its CSRF token, and with one of another session', async () => {
    const [mine, other] = [
      await sessionOf({ key: 'key-of-the-crm' }),
      await sessionOf({ key: 'key-of-the-crm' }),
    ];
    for (const token of [undefined, '', 'x', other.csrfToken]) {
      const headers = { cookie: mine.cookie, ...(token !== undefined && { 'x-csrf-token': token }) };
      const post = { method: 'POST', url: '/api/transfers', headers, payload: transferBody() } as const;
      expect((await api.app.inject(post)).json()).toMatchObject({ status: 403, code: 'csrf-token-wrong' });
      const end = { method: 'DELETE', url: '/api/session', headers } as const;
      expect((await api.app.inject(end)).json()).toMatchObject({ code: 'csrf-token-wrong' });
    }
    const read = { url: '/api/session', headers: { cookie: mine.cookie } };
    expect((await api.app.inject(read)).statusCode).toBe(200);
  });

  test('counts after an Authorization header, which needs no token', async () => {
    const { cookie } = await sessionOf(LOGIN);
    const headers = { cookie, authorization: 'Bearer key-of-the-school' };
    expect((await api.app.inject({ url: '/api/session', headers })).json()).toMatchObject({ name: 'school' });
    expect((await api.app.inject({ url: '/api/dead-letters', headers })).statusCode).toBe(403);
  });

  test('ends with sign-out, which may be repeated', async () => {
    const { cookie, csrfToken } = await sessionOf(LOGIN);
    const headers = { cookie, 'x-csrf-token': csrfToken };
    for (let time = 0; time < 2; time++) {
      const answer = await api.app.inject({ method: 'DELETE', url: '/api/session', headers });
      expect(answer.statusCode).toBe(204);
      expect(answer.headers['set-cookie']).toMatch(/^handover_session=; .*Expires=Thu, 01 Jan 1970/);
      expect((await api.app.inject({ url: '/api/session', headers: { cookie } })).statusCode).toBe(401);
    }
  });

  test('is the same at every API of the installation, and ends when its key leaves the configuration', async () => {
    const { cookie } = await sessionOf({ key: 'key-of-the-crm' });
    const at = async (one: TestApi) =>
      (await one.app.inject({ url: '/api/session', headers: { cookie } })).statusCode;
    expect(await at(await open(ENV, api.prefix))).toBe(200);
    const rotated = await open({ ...ENV, API_KEYS: 'crm=another-key-of-the-crm' }, api.prefix);
    expect(await at(rotated)).toBe(401);
    expect(await at(await open())).toBe(401);
  });

  test('of a login ends when the password changes', async () => {
    const { cookie } = await sessionOf(LOGIN);
    const changed = await open({ ...ENV, ADMIN_PASSWORD: 'another password' }, api.prefix);
    expect((await changed.app.inject({ url: '/api/session', headers: { cookie } })).statusCode).toBe(401);
  });

  test('ends after its time', async () => {
    const { cookie } = await sessionOf(LOGIN);
    const kept = await api.redis.keys(`${api.prefix}:live:session:*`);
    const ttls = await Promise.all(kept.map((key) => api.redis.pttl(key)));
    for (const ttl of ttls) expect(ttl).toBeGreaterThan(0);
    await Promise.all(kept.map((key) => api.redis.pexpire(key, 1)));
    await expect
      .poll(async () => (await api.app.inject({ url: '/api/session', headers: { cookie } })).statusCode)
      .toBe(401);
  });

  test('stands in Redis without its id, its key or its password', async () => {
    const { cookie } = await sessionOf(LOGIN);
    const keys = await api.redis.keys(`${api.prefix}:live:session:*`);
    const all = JSON.stringify([keys, await Promise.all(keys.map((key) => api.redis.hgetall(key)))]);
    expect(all).not.toContain(cookie.slice(cookie.indexOf('=') + 1));
    expect(all).not.toMatch(/key-of|p:ss/);
  });

  test.each([
    'handover_session=',
    `handover_session=${'x'.repeat(43)}`,
    'handover_session=../../etc',
    `handover_session="${'x'.repeat(43)}"`,
    'handover_session=%E0%A4%A',
    ';;;=;',
  ])('that never was (%j) is 401', async (cookie) => {
    const answer = await api.app.inject({ url: '/api/session', headers: { cookie } });
    expect(answer.statusCode).toBe(401);
  });
});

describe('signing in', () => {
  test.each([
    ['no body', undefined],
    ['nothing', {}],
    ['both', { key: 'key-of-the-crm', ...LOGIN }],
    ['a number', { key: 12345678 }],
    ['a name alone', { user: 'boss' }],
    ['too much', { key: 'x'.repeat(2_000) }],
  ])('with %s is 400', async (_, payload) => {
    expect((await signIn(payload as object)).statusCode).toBe(400);
  });

  test.each([
    ['a wrong key', { key: 'key-of-nobody' }],
    ['a wrong password', { ...LOGIN, password: 'wrong' }],
    ['a wrong name', { ...LOGIN, user: 'nobody' }],
    ['a key as the password', { user: 'crm', password: 'key-of-the-crm' }],
  ])('with %s is 401, and echoes nothing', async (_, payload) => {
    const answer = await signIn(payload);
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body).not.toMatch(/key-of|wrong"/);
  });

  test('is in the audit, with where it came from', async () => {
    const address = freshAddress();
    await signIn(LOGIN, api, address);
    const found = (await audited('sign-in')).find(({ reason }: { reason: string }) => reason === address);
    expect(found).toMatchObject({ actor: 'operator:boss', role: 'operate', thing: '' });
  });

  test('that cannot be written down is refused', async () => {
    const other = await open();
    await other.redis.set(other.live.store.keys.audit, 'not a stream');
    const answer = await signIn(LOGIN, other);
    expect(answer.statusCode).toBeGreaterThanOrEqual(500);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await other.redis.keys(`${other.prefix}:live:session:*`)).toEqual([]);
  });
});

describe('after failures', () => {
  const fail = (address: string, user: string = randomUUID()) =>
    signIn({ user, password: 'wrong' }, api, address);

  async function failTimes(count: number, address: () => string, user?: string) {
    const codes: number[] = [];
    for (let time = 0; time < count; time++) codes.push((await fail(address(), user)).statusCode);
    return codes;
  }

  const waitKeys = () => api.redis.keys(`${api.prefix}:live:sign-in-wait:*`);
  /** A wait lasts a second at first, which is over soon on a busy machine. */
  async function prolongWaits() {
    for (const key of await waitKeys()) await api.redis.set(key, '1', 'PX', 600_000, 'XX');
  }

  test('an address must wait, also with the right password, and others need not', async () => {
    const address = freshAddress();
    expect(await failTimes(5, () => address)).toEqual([401, 401, 401, 401, 401]);
    await prolongWaits();
    expect((await fail(address)).statusCode).toBe(429);
    const right = await signIn(LOGIN, api, address);
    expect(right.json()).toMatchObject({ code: 'too-many-failures' });
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(590);
    expect(Number(right.headers['retry-after'])).toBeLessThanOrEqual(600);
    const basic = { authorization: `Basic ${Buffer.from('boss:p:ss wörd').toString('base64')}` };
    const withHeader = { url: '/api/session', headers: basic, remoteAddress: address };
    expect((await api.app.inject(withHeader)).statusCode).toBe(429);
    expect((await signIn(LOGIN)).statusCode).toBe(200);
  });

  test('API keys in the header go on, from the same address', async () => {
    const remoteAddress = freshAddress();
    await failTimes(6, () => remoteAddress);
    const headers = { authorization: 'Bearer key-of-the-crm' };
    expect((await api.app.inject({ url: '/api/session', headers, remoteAddress })).statusCode).toBe(200);
  });

  test('each further one doubles the wait', async () => {
    const address = freshAddress();
    await prolongWaits();
    const before = await waitKeys();
    await failTimes(4, () => address);
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const from = performance.now();
      expect((await fail(address)).statusCode).toBe(401);
      const [mine = ''] = (await waitKeys()).filter((key) => !before.includes(key));
      // On a busy machine it may be over already.
      const leftMs = Math.max(0, await api.redis.pttl(mine));
      const passedMs = performance.now() - from;
      expect(leftMs).toBeLessThanOrEqual(seconds * 1_000);
      expect(leftMs + passedMs).toBeGreaterThanOrEqual(seconds * 1_000 - 2);
      await api.redis.del(mine);
    }
  });

  test('a name must wait too, wherever the failures came from', async () => {
    const user = `name-${randomUUID()}`;
    const codes = await failTimes(20, freshAddress, user);
    expect(codes).toEqual(Array.from({ length: 20 }, () => 401));
    await prolongWaits();
    expect((await fail(freshAddress(), user)).statusCode).toBe(429);
  });

  test('wrong basic credentials count, and addresses of one IPv6 network are one', async () => {
    const codes: number[] = [];
    for (let time = 0; time < 5; time++) {
      const authorization = `Basic ${Buffer.from(`${randomUUID()}:wrong`).toString('base64')}`;
      const remoteAddress = `2001:db8:0:7::${time + 1}`;
      codes.push(
        (await api.app.inject({ url: '/api/session', headers: { authorization }, remoteAddress })).statusCode,
      );
    }
    expect(codes).toEqual([401, 401, 401, 401, 401]);
    await prolongWaits();
    expect((await fail('2001:db8:0:7:aaaa:bbbb:cccc:dddd')).statusCode).toBe(429);
    expect((await fail('2001:db8:0:8::1')).statusCode).toBe(401);
  });
});

test('on loopback without keys everybody is told that nobody has to sign in', async () => {
  const local = await open({});
  expect((await local.app.inject('/api/session')).json()).toMatchObject({
    ...{ name: 'anonymous', kind: 'open', csrfToken: null },
    permissions: expect.arrayContaining(['submit', 'read', 'act', 'audit', 'configure']),
  });
});
