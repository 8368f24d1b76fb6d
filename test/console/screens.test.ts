import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Console,
  expectAccessible,
  noBrowser,
  openConsole,
  press,
  shows,
  titled,
} from '../support/console.ts';
import { createSubject, requestFor } from '../support/subject.ts';

const DEAD = 190;
const HOSTILE = '<img src=x onerror="document.title=\'broken\'"><script>document.title="broken"</script>';
const LONG = 'x'.repeat(200);

describe.skipIf(noBrowser !== '')('the screens of the console', () => {
  let own: Console;
  let moved: string;
  beforeAll(async () => {
    own = await openConsole({ SERVER_ERROR_MAX_RETRIES: '0' });
    const { world } = own;
    const subject = createSubject(world.sandbox);
    moved = await world.submit({
      ...requestFor(subject),
      metadata: { hostile: HOSTILE, arabic: 'مرحبا بالعالم', long: LONG },
    });
    await world.outcome(moved);
    world.sandbox.putUser('agent-at-night');
    world.sandbox.addScript({ operation: 'call', steps: [{ status: 503, times: 10_000 }] });
    const calls = Array.from({ length: DEAD }, (_, index) => `night-call-${index}`);
    for (const callId of calls) world.sandbox.putCall(callId);
    const ids = await Promise.all(calls.map((callId) => world.submit({ userId: 'agent-at-night', callId })));
    for (const id of ids) await world.outcome(id);
    world.sandbox.clearScripts();
  });
  afterAll(() => own?.close());

  const SCREENS = ['/', '/transfers', '/transfers/$id', '/dead-letters', '/training', '/quality', '/billing'];
  const views = SCREENS.flatMap((path) =>
    (['light', 'dark'] as const).map((theme, index): [string, typeof theme, number] => [
      path,
      theme,
      index === 0 ? 1280 : 360,
    ]),
  );

  test.each(views)('%s is accessible, in %s at %i px', async (path, theme, width) => {
    const page = await own.open(path.replace('$id', moved), { theme, width });
    await page.waitForSelector('h1');
    await page.waitForNetworkIdle({ concurrency: 1, idleTime: 300 });
    await expectAccessible(page);
    await page.close();
  });

  test('the operator sees the outage, finds a call, reads why, and replays all that failed', async () => {
    const page = await own.open('/');
    await shows(page, `${DEAD} transfers need an operator`);

    await press(page, 'link', 'Transfers');
    await titled(page, 'Transfers');
    const find = await page.waitForSelector('input[type=search], input[type=text], input:not([type])');
    await find?.type('night-call-7');
    await find?.press('Enter');
    await shows(page, 'agent-at-night');
    await shows(page, '503');

    await press(page, 'link', 'Dead letters');
    await titled(page, 'Dead letters');
    await page.locator('button[aria-label^="Replay failed"]').click();
    await shows(page, 'Each starts again with a new deadline');
    const why = await page.waitForSelector('[role=dialog] input:not([type=checkbox])');
    await why?.type('Genesys is well again');
    await press(page, 'button', `Replay ${DEAD}`);
    await page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll('[role=progressbar]')].some(
          (bar) => bar.getAttribute('aria-valuenow') === wanted,
        ),
      { timeout: 120_000 },
      String(DEAD),
    );
    await shows(page, 'Genesys is well again');
    const { items } = (await (await fetch(`${own.api.url}/api/actions`)).json()) as {
      items: { total: number; done: number; status: string; reason: string }[];
    };
    expect(items).toMatchObject([
      { total: DEAD, done: DEAD, status: 'done', reason: 'Genesys is well again' },
    ]);
    await page.close();
  });

  test('what others wrote is shown as text, and nothing of it is executed', async () => {
    const page = await own.open(`/transfers/${moved}`);
    await shows(page, HOSTILE);
    expect(await page.title()).not.toBe('broken');
    expect(await page.$('main img')).toBeNull();
    const found = await own.open(`/transfers?agent=${encodeURIComponent(HOSTILE)}&status=${LONG}`);
    await titled(found, 'Transfers');
    await expectAccessible(found);
    await page.close();
    await found.close();
  });

  test('a list that changes fifty times a second stays usable', async () => {
    const { world } = own;
    const page = await own.open('/transfers');
    await titled(page, 'Transfers');
    for (let burst = 0; burst < 10; burst += 1)
      await Promise.all(
        Array.from({ length: 25 }, () => world.submit(requestFor(createSubject(world.sandbox)))),
      );
    const lagMs = await page.evaluate(async () => {
      const from = performance.now();
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      return performance.now() - from;
    });
    expect(lagMs).toBeLessThan(5_000);
    await press(page, 'link', 'Quality');
    await titled(page, 'Quality');
    await page.close();
  });
});
