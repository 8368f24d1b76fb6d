import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { GuardedRoute } from '../../apps/api/src/http/auth.ts';
import { granted, permissionsOf, type Role, roles } from '../../apps/api/src/http/permissions.ts';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

const PAGE = '../../docs/roles.md';
const TABLE = /(<!-- routes[^>]*-->\n)[\s\S]*(<!-- end of routes -->)/;
const ENV = {
  API_KEYS: [
    'none=key-of-none',
    ...roles.filter((role) => role !== 'none').map((role) => `${role}:${role}=key-of-${role}`),
    'other:submit=key-of-other',
    'both:train+read=key-of-both',
    `hashed:read=sha256:${createHash('sha256').update('the hashed key').digest('hex')}`,
  ].join(),
  ADMIN_USER: 'boss',
  ADMIN_PASSWORD: 'long enough',
};
const LOGIN = `Basic ${Buffer.from('boss:long enough').toString('base64')}`;
const bearer = (role: string) => ({ authorization: `Bearer key-of-${role}` });

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl'), env: ENV });
  await connected(api);
});
afterAll(() => api.close());

/** What a cell of the table says. */
function cell({ needs }: GuardedRoute, role: Role): 'yes' | 'own' | '' {
  if (needs === undefined) return 'yes';
  const permission = granted(needs, new Set(permissionsOf[role]));
  if (permission === undefined) return '';
  return permission === 'cancel' && !permissionsOf[role].includes('cancel-any') ? 'own' : 'yes';
}

/** The routes as the page shows them: those of pages by their folder, without HEAD. */
function shown(routes = api.app.guardedRoutes()): { label: string; route: GuardedRoute }[] {
  const rows = new Map<string, GuardedRoute>();
  for (const route of routes) {
    if (route.method === 'HEAD') continue;
    const page = /^\/(docs|admin\/queues)/.exec(route.url)?.[0];
    const label =
      page === undefined ? `${route.method} ${route.url.replaceAll(/:(\w+)/g, '{$1}')}` : `GET ${page}`;
    rows.set(label, route);
  }
  return [...rows]
    .map(([label, route]) => ({ label, route }))
    .sort((a, b) => (byPath(a) < byPath(b) ? -1 : 1));
}

const byPath = ({ label }: { label: string }) => label.split(' ').reverse().join(' ');

test('docs/roles.md shows every route with what each role may do', async () => {
  const rows = shown().map(({ label, route }) => {
    const cells = [route.needs === undefined ? 'yes' : '', ...roles.map((role) => cell(route, role))];
    return `| \`${label}\` | ${cells.join(' | ')} |`;
  });
  const head = ['nobody', 'no role', ...roles.slice(1).map((role) => `\`${role}\``)];
  const table = [`| route | ${head.join(' | ')} |`, `|---|${head.map(() => '---|').join('')}`, ...rows];
  const page = readFileSync(new URL(PAGE, import.meta.url), 'utf8');
  expect(page).toMatch(TABLE);
  const written = page.replace(
    TABLE,
    (_, start: string, end: string) => `${start}${table.join('\n')}\n${end}`,
  );
  await expect(written).toMatchFileSnapshot(PAGE);
});

describe('every cell of the table', () => {
  const callers: [string, Role | 'nobody', Record<string, string>][] = [
    ['nobody', 'nobody', {}],
    ...roles.map((role) => [role, role, bearer(role)] as [string, Role, Record<string, string>]),
    ['the login', 'operate', { authorization: LOGIN }],
  ];

  test.each(callers)('%s', async (_, role, headers) => {
    const routes = api.app.guardedRoutes();
    expect(routes.length).toBeGreaterThan(30);
    const rows = new Set(shown(routes).map(({ route }) => route));
    for (const route of routes) {
      const { method, url, needs } = route;
      const isAllowed = needs === undefined || (role !== 'nobody' && cell(route, role) !== '');
      // Who is let in gets whole pages: one for each row is enough.
      if (isAllowed && !rows.has(route)) continue;
      // No route has this parameter: whoever is let in gets 400, and nothing is done.
      const path = `${url.replaceAll(/:\w+/g, 'x').replaceAll('*', 'x')}?no-such-parameter=1`;
      const answer = await api.app.inject({ method: method as 'GET', url: path, headers });
      const where = `${role}: ${method} ${url}`;
      if (url === '/webhooks/billing-sync' || url.startsWith('/admin/queues')) {
        // They refuse by themselves: without the platform's secret, and what would change something.
        if (!isAllowed) expect([401, 403], where).toContain(answer.statusCode);
      } else if (isAllowed) expect([401, 403], where).not.toContain(answer.statusCode);
      else expect(answer.statusCode, where).toBe(role === 'nobody' ? 401 : 403);
      if (!isAllowed && role !== 'nobody' && method !== 'HEAD')
        expect(answer.json(), where).toMatchObject({
          code: 'not-allowed',
          detail: expect.stringMatching(/This needs one of the roles .*admin/),
        });
    }
  });
});

async function submitAs(role: string) {
  return api.app.inject({
    method: 'POST',
    url: '/api/transfers',
    headers: bearer(role),
    payload: transferBody(),
  });
}

const cancelAs = (headers: Record<string, string>, id: string) =>
  api.app.inject({ method: 'DELETE', url: `/api/transfers/${id}`, headers });

describe('roles', () => {
  test('submit cancels what it submitted, and nothing else', async () => {
    const [{ id: own }, { id: others }] = [
      (await submitAs('submit')).json(),
      (await submitAs('other')).json(),
    ];
    const refused = await cancelAs(bearer('submit'), others);
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({
      code: 'not-allowed',
      detail:
        'The key submit has the role submit and may cancel only what it submitted. This needs one of the roles operate, admin, or a key without a role.',
    });
    expect(await api.live.store.recordOf(others)).toMatchObject({ status: 'queued' });
    expect((await cancelAs(bearer('submit'), own)).json()).toMatchObject({ status: 'cancelled' });
    expect((await cancelAs(bearer('submit'), 'unknown')).statusCode).toBe(404);
  });

  test.each([
    ['a key without a role', bearer('none')],
    ['operate', bearer('operate')],
    ['the login', { authorization: LOGIN }],
  ])('%s cancels any transfer', async (_, headers) => {
    const { id } = (await submitAs('other')).json();
    expect((await cancelAs(headers, id)).statusCode).toBe(200);
  });

  test.each(['read', 'train', 'operate'])('%s never submits, alone or in a batch', async (role) => {
    expect((await submitAs(role)).statusCode).toBe(403);
    const batch = { transfers: [transferBody()] };
    const answer = await api.app.inject({
      ...{ method: 'POST', url: '/api/transfers/batch', headers: bearer(role), payload: batch },
    });
    expect(answer.json()).toMatchObject({ code: 'not-allowed' });
  });

  test('several roles add up', async () => {
    const as = (url: string) => api.app.inject({ url, headers: bearer('both') });
    expect((await as('/api/reports/quality')).statusCode).toBe(200);
    expect((await as('/api/audit')).json()).toMatchObject({
      detail: 'The key both has the role train and read. This needs one of the roles operate, admin.',
    });
  });

  test('a hashed key is taken as the key itself, never as its hash', async () => {
    const hash = createHash('sha256').update('the hashed key').digest('hex');
    const as = (key: string) =>
      api.app.inject({ url: '/api/reports/quality', headers: { authorization: `Bearer ${key}` } });
    expect((await as(`sha256:${hash}`)).statusCode).toBe(401);
    expect((await as(hash)).statusCode).toBe(401);
    expect(
      (
        await api.app.inject({
          method: 'POST',
          url: '/api/session',
          payload: { key: 'the hashed key' },
        })
      ).json(),
    ).toMatchObject({ name: 'hashed', roles: ['read'] });
  });

  test('the record keeps who submitted, not with which role', async () => {
    const { id } = (await submitAs('admin')).json();
    expect((await api.live.store.recordOf(id))?.actor).toEqual({ type: 'apiKey', name: 'admin' });
  });
});

describe('the configuration', () => {
  test('is shown to an admin, masked', async () => {
    const answer = await api.app.inject({ url: '/api/configuration', headers: bearer('admin') });
    expect(answer.json()).toMatchObject({ API_KEYS: '•••', ADMIN_PASSWORD: '•••', ADMIN_USER: 'boss' });
    expect(answer.body).not.toMatch(/key-of|long enough/);
  });
});
