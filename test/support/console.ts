import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { findChromium, openBrowser } from './browser.ts';
import { type FaultEnv, type FaultWorld, openFaultWorld } from './processes.ts';

const chromium = findChromium();
if (chromium === undefined)
  console.log(
    'Skipped: no Chromium on the PATH (Debian: apt-get install chromium-headless-shell) and none in CHROMIUM.',
  );

/** Why the tests of the console cannot run; '' if they can. */
export const noBrowser = chromium === undefined ? 'no Chromium' : '';

/** A look at each frame, as is usual, would be most of what the browser does. */
const PATIENT = { timeout: 60_000, polling: 100 };

export type Theme = 'light' | 'dark';
type Opened = { theme?: Theme; width?: number; at?: string };

export type Console = Awaited<ReturnType<typeof openConsole>>;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * A running system (API and worker as built processes) with the console in a browser. `open` shows an address; what a page
 * must never do (another origin, an uncaught error, a breach of its policy) is collected, and `close` fails on it.
 */
export async function openConsole(env: FaultEnv = {}) {
  const faults: FaultWorld = await openFaultWorld((sandboxUrl) => ({
    SANDBOX_URL: sandboxUrl,
    ...(typeof env === 'function' ? env(sandboxUrl) : env),
  }));
  const [api, worker] = await Promise.all([
    faults.processes.startReady('api'),
    faults.processes.startReady('worker'),
  ]);
  const browser: Browser = await openBrowser(chromium ?? '');
  const wrong: string[] = [];

  /** A new page at this address, in its own session of the browser. */
  async function open(path: string, { theme = 'light', width = 1280, at = api.url }: Opened = {}) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width, height: 900 });
    await page.evaluateOnNewDocument(
      (chosen) => localStorage.setItem('handover-theme', chosen as string),
      theme,
    );
    page.on('pageerror', (error) => wrong.push(`error on ${path}: ${String(error)}`));
    page.on('console', (message) => {
      // A request that was refused or cut off is told by the page itself.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
        wrong.push(`console on ${path}: ${message.text()}`);
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && origin !== new URL(at).origin)
        wrong.push(`request of ${path} to ${origin}`);
    });
    await page.goto(`${at}${path}`);
    return page;
  }

  return {
    ...faults,
    api,
    worker,
    browser,
    open,
    async close(): Promise<void> {
      await browser.close();
      await faults.close();
      expect(wrong).toEqual([]);
    },
  };
}

/** Waits until the page shows this text. */
export async function shows(page: Page, text: string): Promise<void> {
  const isShown = `document.body.innerText.includes(${JSON.stringify(text)})`;
  await page.waitForFunction(isShown, PATIENT).catch(async (error: Error) => {
    const shown = await page.evaluate('document.body.innerText');
    throw new Error(`${page.url()} does not show “${text}” (${error.message}), but:\n${shown}`);
  });
}

/** Waits until the page does not show this text any more. */
export async function hides(page: Page, text: string): Promise<void> {
  await page.waitForFunction(`!document.body.innerText.includes(${JSON.stringify(text)})`, PATIENT);
}

/** Waits for an element by its role and name, as a screen reader finds it, and clicks it. */
export async function press(page: Page, role: string, name: string): Promise<void> {
  await page.locator(`::-p-aria([role="${role}"][name="${name}"])`).setTimeout(60_000).click();
}

/** Types into the field of this name, in place of what it holds. */
export async function type(page: Page, name: string, text: string): Promise<void> {
  const field = await page.waitForSelector(`[name="${name}"]`, { timeout: 60_000 });
  await field?.click({ count: 3 });
  await field?.type(text);
}

/** Waits for the title of a screen. */
export async function titled(page: Page, title: string): Promise<void> {
  await page.waitForFunction((wanted) => document.title.startsWith(wanted), PATIENT, title);
}

/** Where files of this page are saved. */
export async function saveFilesOf(page: Page, folder: string): Promise<void> {
  const browser = await page.browser().target().createCDPSession();
  await browser.send('Browser.setDownloadBehavior', {
    ...{ behavior: 'allow', downloadPath: folder, browserContextId: page.browserContext().id ?? '' },
  });
}

/** Fails with what axe finds wrong on the page, and if the page is wider than the window. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }
    ).axe.run({ resultTypes: ['violations'] });
    type Violation = { id: string; help: string; nodes: { html: string; failureSummary?: string }[] };
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`,
      ),
    );
  });
  expect(found, page.url()).toEqual([]);
  const wider = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const elements = [...document.querySelectorAll('body *')];
    const outside = elements.filter((element) => element.getBoundingClientRect().right > clientWidth);
    return outside.map((element) => element.outerHTML.slice(0, 100));
  });
  expect(wider, `${page.url()} is wider than its window`).toEqual([]);
}
