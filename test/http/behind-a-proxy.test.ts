import net from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { billOf, enterBill } from './billing-data.ts';
import { RECORDS } from './billing-lists.ts';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

const TRUSTED = '192.0.2.1,198.51.100.0/24,2001:db8::/32,::ffff:203.0.113.7';
const PREFIX = { 'x-forwarded-prefix': '/svc/handover' };

let plain: TestApi;
let proxied: TestApi;
let fixed: TestApi;
let bare: TestApi;
beforeAll(async () => {
  const start = (env: Record<string, string>) => startApi({ redisUrl: inject('redisUrl'), env });
  plain = await start({});
  proxied = await start({ TRUSTED_PROXIES: TRUSTED });
  fixed = await start({ PUBLIC_URL: 'https://example.org/calls/' });
  bare = await start({ PUBLIC_URL: 'https://example.org' });
  await Promise.all([plain, proxied, fixed, bare].map(connected));
});
afterAll(() => Promise.all([plain, proxied, fixed, bare].map((api) => api.close())));

type Headers = Record<string, string | string[]>;

function get({ app }: TestApi, url: string, headers: Headers = {}, remoteAddress = '127.0.0.1') {
  return app.inject({ url, headers: headers as Record<string, string>, remoteAddress });
}

function post({ app }: TestApi, url: string, payload: object, headers: Record<string, string> = {}) {
  return app.inject({ method: 'POST', url, payload, headers });
}

/** The prefix that the API added to the type of a problem. */
async function prefixOf(api: TestApi, headers: Headers, remoteAddress?: string): Promise<string> {
  const answer = await get(api, '/nowhere', headers, remoteAddress);
  return answer.json().type.replace(/\/problems\/route-not-found$/, '');
}

describe('X-Forwarded-Prefix', () => {
  test.each([
    ['/svc/handover', '/svc/handover'],
    ['/svc/handover/', '/svc/handover'],
    ['/a', '/a'],
    ['/~me/v1.2/a-b_c', '/~me/v1.2/a-b_c'],
    ['/.hidden/...', '/.hidden/...'],
  ])('%s is used', async (given, prefix) => {
    expect(await prefixOf(plain, { 'x-forwarded-prefix': given })).toBe(prefix);
  });

  test.each([
    ...['', '/', '//', 'svc', '//evil', '//evil.example/a', '/a//b', '/a//', '/a/../b', '/..', '/.', '/a/.'],
    ...['/a b', '/a,/b', 'http://x', 'https://x/a', '/http://x', '/a?b', '/a#b', '/a%2f', '/a\\b', '/\\evil'],
    ...['/a"onload="x', "/a'", '/<b>', '/a>', '/a;b', '/a:b', '/a@b', '/ä', '/a\tb'],
    `/${'a'.repeat(200)}`,
    `${'/a'.repeat(5_000)}`,
  ])('%j is not', async (given) => {
    expect(await prefixOf(plain, { 'x-forwarded-prefix': given })).toBe('');
  });

  test('is ignored if sent twice', async () => {
    expect(await prefixOf(plain, { 'x-forwarded-prefix': ['/a', '/b'] })).toBe('');
  });

  test.each([
    ...['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'],
    ...[
      '192.0.2.1',
      '198.51.100.200',
      '2001:db8::5',
      '203.0.113.7',
      '::ffff:192.0.2.1',
      '::ffff:198.51.100.9',
    ],
  ])('is trusted from %s', async (address) => {
    expect(await prefixOf(proxied, PREFIX, address)).toBe('/svc/handover');
  });

  test.each([
    '192.0.2.2',
    '198.51.101.1',
    '2001:db9::5',
    '::2',
    '::ffff:192.0.2.2',
    '10.0.0.1',
    '203.0.113.8',
  ])('is not trusted from %s', async (address) => {
    expect(await prefixOf(proxied, PREFIX, address)).toBe('');
  });

  test('is trusted from loopback only, without trusted proxies', async () => {
    expect(await prefixOf(plain, PREFIX, '192.0.2.1')).toBe('');
  });
});

describe('PUBLIC_URL', () => {
  test('takes precedence', async () => {
    expect(await prefixOf(fixed, PREFIX)).toBe('/calls');
    expect(await prefixOf(fixed, {}, '192.0.2.9')).toBe('/calls');
    expect(await prefixOf(bare, PREFIX)).toBe('');
  });

  test('is the server of the OpenAPI document', async () => {
    const serversOf = async (...asked: Parameters<typeof get>) => (await get(...asked)).json().servers;
    expect(await serversOf(fixed, '/openapi.json', PREFIX)).toEqual([{ url: 'https://example.org/calls' }]);
    expect(await serversOf(bare, '/openapi.json', PREFIX)).toEqual([{ url: 'https://example.org' }]);
    expect(await serversOf(plain, '/openapi.json', PREFIX)).toEqual([{ url: '/svc/handover' }]);
    expect(await serversOf(plain, '/openapi.json')).toEqual([{ url: '/' }]);
  });
});

describe.each([
  ['X-Forwarded-Prefix', () => plain, PREFIX, '/svc/handover'],
  ['PUBLIC_URL', () => fixed, {}, '/calls'],
  ['neither', () => plain, {}, ''],
] as const)('with %s', (_, api, headers, prefix) => {
  test('prefixes Location, problems, holders and batch items', async () => {
    const body = transferBody();
    const accepted = await post(api(), '/api/transfers', body, headers);
    const href = `${prefix}/api/transfers/${accepted.json().id}`;
    expect(accepted.headers.location).toBe(href);
    const conflict = {
      type: `${prefix}/problems/call-already-in-transfer`,
      holder: { id: accepted.json().id, href },
    };
    expect((await post(api(), '/api/transfers', body, headers)).json()).toMatchObject(conflict);
    const batch = await post(api(), '/api/transfers/batch', { transfers: [body, {}] }, headers);
    expect(batch.json().results).toMatchObject([
      { problem: conflict },
      { problem: { type: `${prefix}/problems/invalid-request` } },
    ]);
  });

  test('prefixes the link to the next page', async () => {
    for (let bill = 0; bill < 2; bill++) await enterBill(api(), billOf());
    const { link } = (await get(api(), `${RECORDS}?limit=1`, headers)).headers;
    expect(link).toMatch(new RegExp(`^<${prefix}${RECORDS}\\?[^>]+>; rel="next"$`));
  });

  test.each(['/admin/queues', '/admin/queues/queue/transfers?page=2', '/docs', '/docs/'])(
    'prefixes everything that %s loads, and it exists',
    async (page) => {
      const shown = await follow(api(), page, headers);
      const base = new URL(/<base href="([^"]*)"/.exec(shown.body)?.[1] ?? '', shown.url);
      // Bull Board also references a third-party font, which the page's policy blocks.
      const loads = [...shown.body.matchAll(/<(?:script|link)[^>]* (?:src|href)="(?!https:)([^"]+)"/g)];
      expect(loads.length).toBeGreaterThan(1);
      for (const [, path = ''] of loads) {
        const { pathname, host } = new URL(path, base);
        expect([host, pathname.slice(0, prefix.length)]).toEqual(['outside', prefix]);
        const part = await get(api(), pathname.slice(prefix.length), headers);
        expect([pathname, part.statusCode]).toEqual([pathname, 200]);
      }
    },
  );

  test('the board links to the API’s pages', async () => {
    const { body, url } = await follow(api(), '/admin/queues', headers);
    const base = new URL(/<base href="([^"]*)"/.exec(body)?.[1] ?? '', url);
    const config = JSON.parse(/<script[^>]*id="__UI_CONFIG__"[^>]*>(.*?)<\/script>/s.exec(body)?.[1] ?? '');
    const [link] = config.miscLinks;
    expect(new URL(link.url, base).pathname).toBe(`${prefix}/docs`);
  });

  /** The page as seen by a browser behind the proxy, redirects followed. */
  async function follow(served: TestApi, path: string, sent: Headers, hops = 0) {
    const url = `http://outside${prefix}${path}`;
    const answer = await get(served, path, sent);
    if (answer.statusCode < 300 || hops > 3) return { url, body: answer.body };
    const next = new URL(String(answer.headers.location), url).pathname;
    expect(next.slice(0, prefix.length)).toBe(prefix);
    return follow(served, next.slice(prefix.length), sent, hops + 1);
  }
});

describe('the address in the log', () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.50' };
  async function loggedFrom(api: TestApi, headers: Headers, remoteAddress: string) {
    const before = api.lines.length;
    await get(api, '/healthz', headers, remoteAddress);
    return api.lines.slice(before).map(({ fields }) => (fields as { from?: string }).from);
  }

  test.each(['192.0.2.1', '198.51.100.2', '2001:db8:1::1', '::ffff:198.51.100.2'])(
    'is what %s forwards',
    async (address) => {
      expect(await loggedFrom(proxied, forwarded, address)).toEqual(['203.0.113.50']);
    },
  );

  test.each(['192.0.2.9', '127.0.0.1', '2001:db9::1'])(
    'is %s itself, which is not trusted',
    async (address) => {
      expect(await loggedFrom(proxied, forwarded, address)).toEqual([address]);
    },
  );

  test('is that of the connection if no proxy is trusted', async () => {
    expect(await loggedFrom(plain, forwarded, '192.0.2.1')).toEqual(['192.0.2.1']);
  });

  test('is the last untrusted one, whatever the client wrote before', async () => {
    const chain = { 'x-forwarded-for': '1.1.1.1, 203.0.113.50, 198.51.100.7' };
    expect(await loggedFrom(proxied, chain, '192.0.2.1')).toEqual(['203.0.113.50']);
  });
});

test('two Host headers are refused, one is not', async () => {
  const port = Number(new URL(await plain.app.listen({ host: '127.0.0.1', port: 0 })).port);
  const statusOf = (head: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1', () =>
        socket.write(`GET /healthz HTTP/1.1\r\n${head}\r\n\r\n`),
      );
      socket.once('error', reject).once('data', (text) => {
        socket.destroy();
        resolve(text.toString().split(' ', 2)[1] ?? '');
      });
    });
  expect(await statusOf('host: localhost')).toBe('200');
  expect(await statusOf('host: localhost\r\nHOST: localhost')).toBe('400');
  expect(await statusOf('host: localhost\r\nx-a: b\r\nHost: evil.example')).toBe('400');
});
