import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { billingEnv } from '../support/billing.ts';
import {
  type Console,
  noBrowser,
  openConsole,
  press,
  saveFilesOf,
  shows,
  titled,
  type,
} from '../support/console.ts';
import { createSubject, requestFor } from '../support/subject.ts';

const TRAINER = 'trainer-key-0123456789abcdef';
const QA = 'reader-key-0123456789abcdefg';
const MOVED = 5;

describe.skipIf(noBrowser !== '')('who uses the console', () => {
  let own: Console;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'handover-console-'));
    own = await openConsole((sandboxUrl) => ({
      ...billingEnv(sandboxUrl),
      API_KEYS: `trainer:train=${TRAINER},qa:read=${QA}`,
      BILLING_SYNTHESIZE: 'true',
    }));
    for (let count = 0; count < MOVED; count += 1)
      await own.world.outcome(await own.world.submit(requestFor(createSubject(own.world.sandbox))));
  });
  afterAll(async () => {
    await own?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function signedIn(path: string, key: string) {
    const page = await own.open(path);
    await press(page, 'tab', 'API key');
    await type(page, 'key', key);
    await press(page, 'button', 'Sign in');
    return page;
  }

  /** The only file that was saved there. */
  async function saved(): Promise<string> {
    await expect
      .poll(async () => (await readdir(folder)).filter((name) => name.endsWith('.csv')))
      .toHaveLength(1);
    const [name = ''] = await readdir(folder);
    const text = await readFile(join(folder, name), 'utf8');
    await rm(join(folder, name));
    return text;
  }

  test('the trainer runs every scenario with the role train alone, and each ends as it should', async () => {
    const headers = { authorization: `Bearer ${TRAINER}` };
    const answer = await fetch(`${own.api.url}/api/simulator/scenarios`, { headers });
    const { items } = (await answer.json()) as { items: { scenario: string }[] };
    expect(items.length).toBeGreaterThan(5);
    const page = await signedIn('/training?trainee=Mia&class=Autumn', TRAINER);
    await titled(page, 'Training');
    for (const { scenario } of items) {
      await page.goto(`${own.api.url}/training?trainee=Mia&class=Autumn&scenario=${scenario}`);
      await press(page, 'button', 'Show it without a prediction');
      await page.waitForFunction(() => location.pathname.startsWith('/training/runs/'), { timeout: 60_000 });
    }
    const runs = (await (
      await fetch(`${own.api.url}/api/simulator/runs?trainee=Mia&class=Autumn`, { headers })
    ).json()) as { items: { scenario: string; met: boolean }[] };
    expect(new Set(runs.items.map(({ scenario }) => scenario))).toEqual(
      new Set(items.map(({ scenario }) => scenario)),
    );
    expect(runs.items.filter(({ met }) => !met)).toEqual([]);
    await page.close();
  });

  test('a run that ends after its page was left opens nothing, and stands in the history', async () => {
    const page = await signedIn('/training?trainee=Zoe&scenario=outage', TRAINER);
    await titled(page, 'Training');
    // The run begins only once its page was left, so a slow machine leaves in time too.
    const held: (() => Promise<void>)[] = [];
    await page.setRequestInterception(true);
    page.on('request', (asked) => {
      if (asked.url().endsWith('/api/simulator/transfer')) held.push(() => asked.continue());
      else void asked.continue();
    });
    await press(page, 'button', 'Show it without a prediction');
    await press(page, 'link', 'History');
    await expect.poll(() => held.length).toBe(1);
    const ended = page.waitForResponse((answer) => answer.url().endsWith('/api/simulator/transfer'), {
      timeout: 60_000,
    });
    await held[0]?.();
    await ended;
    await shows(page, 'with a fallback');
    await new Promise((passed) => setTimeout(passed, 500));
    expect(new URL(page.url()).searchParams.get('tab')).toBe('history');
    await page.close();
  });

  test('QA sees the last week by hour, and downloads the same numbers', async () => {
    const page = await signedIn('/quality', QA);
    await titled(page, 'Quality');
    await shows(page, `${MOVED} of ${MOVED} transfers that were attempted succeeded`);
    await page.waitForSelector('.chart canvas');
    await saveFilesOf(page, folder);
    await press(page, 'button', 'Download as CSV');
    const [head, ...rows] = (await saved()).trimEnd().split('\r\n');
    expect(head).toMatch(/^hour,successful,/);
    const successful = rows.map((row) => Number(row.split(',')[1]));
    expect(successful.reduce((all, one) => all + one, 0)).toBe(MOVED);
    expect(await page.$$eval('nav[aria-label="Screens"] a', (links) => links.length)).toBe(5);
    await page.close();
  });

  test('the accountant downloads a month, and is told that the file is whole', async () => {
    const bills = async () => {
      const headers = { authorization: `Bearer ${QA}` };
      const answer = await fetch(`${own.api.url}/api/billing/records`, { headers });
      return ((await answer.json()) as { items: unknown[] }).items.length;
    };
    await expect.poll(bills).toBe(MOVED);
    const page = await signedIn('/billing', QA);
    await titled(page, 'Billing');
    await saveFilesOf(page, folder);
    const month = await page.waitForSelector('.billing-download button');
    await month?.click();
    await shows(page, 'the file is whole and has');
    expect(await saved()).toMatch(new RegExp(`# rows=${MOVED}\\s*$`));
    await page.close();
  });
});
