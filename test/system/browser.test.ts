import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, openBrowser } from '../support/browser.ts';
import { type FaultWorld, openFaultWorld } from '../support/processes.ts';
import { createSubject, requestFor } from '../support/subject.ts';

const chromium = findChromium();
if (chromium === undefined)
  console.log(
    'Skipped: no Chromium on the PATH (Debian: apt-get install chromium-headless-shell) and none in CHROMIUM.',
  );

const ADMIN = { username: 'ann', password: 'night-shift-42' };

describe.skipIf(chromium === undefined)('in a browser', () => {
  let faults: FaultWorld;
  let browser: Browser;
  let api: string;
  beforeAll(async () => {
    faults = await openFaultWorld({ ADMIN_USER: ADMIN.username, ADMIN_PASSWORD: ADMIN.password });
    const [running] = await Promise.all([
      faults.processes.startReady('api'),
      faults.processes.startReady('worker'),
    ]);
    api = running.url;
    browser = await openBrowser(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await faults?.close();
  });

  async function open(path: string): Promise<Page> {
    const page = await browser.newPage();
    await page.authenticate(ADMIN);
    const answer = await page.goto(`${api}${path}`);
    expect(answer?.status()).toBe(200);
    return page;
  }

  const shows = (page: Page, text: string) =>
    page.waitForFunction(`document.body.innerText.includes(${JSON.stringify(text)})`, { timeout: 60_000 });

  test('Bull Board lists the queues and shows a transfer with its timeline', async () => {
    const subject = createSubject(faults.world.sandbox);
    const id = await faults.world.submit(requestFor(subject));
    await faults.world.outcome(id);

    const board = await open('/admin/queues');
    for (const queue of ['transfers', 'simulated-transfers']) await shows(board, queue);
    await board.close();

    const job = await open(`/admin/queues/queue/transfers/${id}`);
    await shows(job, id);
    await job.locator('::-p-text(Logs)').click();
    await shows(job, 'outcome → transferred');
    const text = await job.evaluate('document.body.textContent');
    expect(text).toContain(`send to queue ${subject.target}`);
    expect(text).not.toContain(subject.userId);
    await job.close();
  });

  test('Bull Board asks for the password', async () => {
    const page = await browser.createBrowserContext().then((context) => context.newPage());
    const answer = await page.goto(`${api}/admin/queues`).catch((error: Error) => error.message);
    expect(typeof answer === 'string' ? answer : answer?.status()).toSatisfy(
      (seen) => seen === 401 || String(seen).includes('ERR_INVALID_AUTH_CREDENTIALS'),
    );
    await page.close();
  });

  test('the API reference opens and lists the routes', async () => {
    const page = await open('/docs');
    await shows(page, '/api/transfers/batch');
    await shows(page, '/api/simulator/transfer');
    await page.close();
  });
});
