import { findChromium, openBrowser } from '../test/support/browser.ts';
import { type Ground, LeftOut } from './ground.ts';
import { compared, inTurn } from './rounds.ts';
import type { Row } from './table.ts';

const ROUNDS = 9;

type Browser = Awaited<ReturnType<typeof openBrowser>>;
type Load = { ms: number; bytes: number; files: number };

/** The console's first load compared with Bull Board's, of the same API: each in a browser that has stored nothing. */
export async function benchConsole(ground: Ground): Promise<Row[]> {
  const chromium = findChromium();
  if (chromium === undefined) throw new LeftOut('There is no Chromium on the PATH, and none in CHROMIUM.');
  const { url } = await ground.startApp('api', {});
  const browser = await openBrowser(chromium);
  try {
    const rounds = await inTurn(
      {
        ours: () => firstLoad(browser, `${url}/`, '.verdict-says'),
        beside: () => firstLoad(browser, `${url}/admin/queues`, 'main a[href*="queue/"]'),
      },
      ROUNDS,
    );
    const row = (what: string, unit: string, figure: keyof Load): Row => ({
      ...{ what: `the first load: ${what}`, unit, besideWhat: 'Bull Board' },
      ...compared(rounds.map(({ ours, beside }) => ({ ours: ours[figure], beside: beside[figure] }))),
    });
    return [
      row('until its content is there', 'ms', 'ms'),
      row('compressed', 'bytes', 'bytes'),
      row('files', 'files', 'files'),
    ];
  } finally {
    await browser.close();
  }
}

/** @param content selects what is there only after the page has its data */
async function firstLoad(browser: Browser, url: string, content: string): Promise<Load> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const network = await page.createCDPSession();
  await network.send('Network.enable');
  const load: Load = { ms: 0, bytes: 0, files: 0 };
  const urls = new Map<string, string>();
  network.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, response.url));
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    // What is asked for the data depends on the data.
    if (urls.get(requestId)?.includes('/api/')) return;
    load.bytes += encodedDataLength;
    load.files += 1;
  });
  await page.goto(url);
  const shown = await page.waitForFunction(
    `document.querySelector(${JSON.stringify(content)}) && performance.now()`,
  );
  load.ms = Number(await shown.jsonValue());
  await page.waitForNetworkIdle({ concurrency: 2, idleTime: 500 });
  await context.close();
  return load;
}
