import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, launch } from 'puppeteer-core';

// The headless one is made for this, and takes three quarters of the CPU.
const NAMES = [
  ...['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
];

/** A Chromium of the distribution, or the one in `CHROMIUM`; `undefined` if there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter);
  const found = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(existsSync);
  return env.CHROMIUM ?? found;
}

/** Headless, and without a browser's own start-up traffic. The caller closes it. */
export function openBrowser(executablePath: string): Promise<Browser> {
  const quiet = ['background-networking', 'component-update', 'sync', 'quic', 'gpu', 'dev-shm-usage'];
  return launch({
    executablePath,
    args: ['--no-sandbox', '--no-first-run', ...quiet.map((what) => `--disable-${what}`)],
  });
}
