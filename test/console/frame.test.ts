import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Console,
  expectAccessible,
  hides,
  noBrowser,
  openConsole,
  press,
  shows,
  titled,
  type,
} from '../support/console.ts';

const ADMIN = { name: 'ann', password: 'night-shift-42' };
const TRAINER = 'trainer-key-0123456789abcdef';
const MOST_BYTES = 250_000;

describe.skipIf(noBrowser !== '')('the console', () => {
  let open: Console;
  let locked: Console;
  beforeAll(async () => {
    [open, locked] = await Promise.all([
      openConsole(),
      openConsole({
        ADMIN_USER: ADMIN.name,
        ADMIN_PASSWORD: ADMIN.password,
        API_KEYS: `trainer:train=${TRAINER}`,
      }),
    ]);
  });
  afterAll(async () => {
    await open?.close();
    await locked?.close();
  });

  test('on loopback without keys it opens at once, and each screen is a link', async () => {
    const page = await open.open('/');
    for (const name of ['Now', 'Transfers', 'Dead letters', 'Training', 'Quality', 'Billing']) {
      await press(page, 'link', name);
      await titled(page, name);
    }
    await page.close();
  });

  test('its first load is small, and compressed', async () => {
    const page = await open.open('/healthz');
    const network = await page.createCDPSession();
    await network.send('Network.enable');
    let bytes = 0;
    const files = new Map<string, number>();
    const names = new Map<string, string>();
    network.on('Network.responseReceived', ({ requestId, response }) => names.set(requestId, response.url));
    network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const url = names.get(requestId) ?? '';
      if (url.includes('/api/')) return;
      files.set(url, encodedDataLength);
      bytes += encodedDataLength;
    });
    await page.goto(`${open.api.url}/`);
    await page.waitForNetworkIdle({ concurrency: 2, idleTime: 500 });
    console.log(`The first load of the console: ${bytes} bytes in ${files.size} files.`);
    expect(files.size).toBeGreaterThan(2);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(MOST_BYTES);
    await page.close();
  });

  test('its page forbids scripts but its own files, and an address of no screen is a problem', async () => {
    const policy = (await fetch(open.api.url)).headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none';script-src 'self' 'nonce-\w+';/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect((await fetch(`${open.api.url}/nowhere`)).headers.get('content-type')).toMatch(/problem/);
  });

  describe('sign-in', () => {
    test.each(['light', 'dark'] as const)('is accessible (%s)', async (theme) => {
      const page = await locked.open('/', { theme });
      await shows(page, 'Sign in to Handover');
      await expectAccessible(page);
      await page.close();
    });

    test('a wrong password is told; the right one opens, and signing out closes', async () => {
      const page = await locked.open('/transfers?status=failed');
      await shows(page, 'Sign in to Handover');
      await type(page, 'user', ADMIN.name);
      await type(page, 'password', 'wrong');
      await press(page, 'button', 'Sign in');
      await shows(page, 'Handover knows no such key');
      await type(page, 'password', ADMIN.password);
      await press(page, 'button', 'Sign in');
      await titled(page, 'Transfers');
      expect(page.url()).toMatch(/\?status=failed$/);
      expect(await page.evaluate(() => document.cookie)).toBe('');
      await press(page, 'button', 'Sign out');
      await shows(page, 'Sign in to Handover');
      await page.close();
    });

    test('a trainer sees the training and nothing else', async () => {
      const page = await locked.open('/');
      await press(page, 'tab', 'API key');
      await type(page, 'key', TRAINER);
      await press(page, 'button', 'Sign in');
      await titled(page, 'Training');
      const names = await page.$$eval('nav[aria-label="Screens"] a', (links) =>
        links.map(({ textContent }) => textContent),
      );
      expect(names).toEqual(['Training']);
      await page.close();
    });

    test('a session that ends elsewhere leads back to the sign-in', async () => {
      const page = await locked.open('/transfers');
      await type(page, 'user', ADMIN.name);
      await type(page, 'password', ADMIN.password);
      await press(page, 'button', 'Sign in');
      await titled(page, 'Transfers');
      await page.browserContext().deleteCookie(...(await page.browserContext().cookies()));
      await press(page, 'link', 'Quality');
      await shows(page, 'Sign in to Handover');
      await page.close();
    });
  });

  test('a lost connection is told, and heals by itself', async () => {
    const own = await openConsole();
    try {
      const page = await own.open('/healthz');
      // A stream that has begun is resumed without an event of its own.
      const stream = page.waitForResponse((answer) => answer.url().endsWith('/api/transfers/stream'), {
        timeout: 60_000,
      });
      await page.goto(`${own.api.url}/transfers`);
      await titled(page, 'Transfers');
      await stream;
      const port = Number(new URL(own.api.url).port);
      own.api.kill('SIGKILL');
      await own.api.exited;
      await shows(page, 'The connection to Handover is lost');
      await expectAccessible(page);
      await own.processes.startReady('api', port);
      await hides(page, 'The connection to Handover is lost');
      await page.close();
    } finally {
      await own.close();
    }
  });

  test('below the prefix of a proxy all its links and requests stay below it', async () => {
    const proxy = createServer((incoming, outgoing) => {
      const path = incoming.url?.replace(/^\/hand(?=\/|$)/, '') ?? '';
      if (path === incoming.url) return void outgoing.writeHead(404).end();
      const headers = { ...incoming.headers, 'x-forwarded-prefix': '/hand' };
      incoming.pipe(
        request(`${open.api.url}${path || '/'}`, { method: incoming.method, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        }).on('error', () => outgoing.destroy()),
      );
    });
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
    const at = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const page = await open.open('/hand/transfers', { at });
    await titled(page, 'Transfers');
    await press(page, 'link', 'Quality');
    await titled(page, 'Quality');
    expect(new URL(page.url()).pathname).toBe('/hand/quality');
    await page.close();
    proxy.closeAllConnections();
    proxy.close();
  });
});
