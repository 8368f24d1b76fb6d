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
} from '../support/console.ts';
import { createSubject, requestFor } from '../support/subject.ts';

const DEAD = 190;
const CHANGES_PER_SECOND = 50;
const HOSTILE = '<img src=x onerror="document.title=\'broken\'"><script>document.title="broken"</script>';
const LONG = 'x'.repeat(200);
const RIGHT_TO_LEFT = 'مكالمة-‮رقم-٧';

describe.skipIf(noBrowser !== '')('the screens of the console', () => {
  let own: Console;
  let moved: string;
  let refused: string;
  beforeAll(async () => {
    // Each failure counts, so a busy machine has time to answer.
    own = await openConsole({
      ...{ SERVER_ERROR_MAX_RETRIES: '0', GENESYS_TIMEOUT_MS: '30000' },
      ...{ SETTLE_WINDOW_MS: '31000', UNCONFIRMED_MAX_MS: '60000' },
    });
    const { world } = own;
    const subject = createSubject(world.sandbox);
    moved = await world.submit({
      ...requestFor(subject),
      metadata: { hostile: HOSTILE, arabic: 'مرحبا بالعالم', long: LONG },
    });
    await world.outcome(moved);
    refused = await world.submit({
      ...{ userId: RIGHT_TO_LEFT, callId: LONG, target: { type: 'queue', id: HOSTILE } },
      metadata: { [LONG]: LONG },
    });
    await world.outcome(refused);
    world.sandbox.putUser('agent-at-night');
    world.sandbox.addScript({ operation: 'call', steps: [{ status: 503, times: 10_000 }] });
    const calls = Array.from({ length: DEAD }, (_, index) => `night-call-${index}`);
    for (const callId of calls) world.sandbox.putCall(callId);
    const ids = await Promise.all(calls.map((callId) => world.submit({ userId: 'agent-at-night', callId })));
    for (const id of ids) await world.outcome(id);
    world.sandbox.clearScripts();
  });
  afterAll(() => own?.close());

  const SCREENS = [
    ...['/', '/transfers', '/transfers/$id', '/dead-letters', '/training', '/quality', '/billing', '/audit'],
  ];
  describe.each([
    ['light', 1280],
    ['dark', 360],
  ] as const)('in %s at %i px', (theme, width) => {
    let page: Awaited<ReturnType<Console['open']>>;
    beforeAll(async () => {
      page = await own.open('/healthz', { theme, width });
    });
    afterAll(() => page?.close());

    test.each(SCREENS)('%s is accessible', async (path) => {
      await page.goto(`${own.api.url}${path.replace('$id', moved)}`);
      await page.waitForSelector('h1');
      await page.waitForNetworkIdle({ concurrency: 1, idleTime: 300 });
      await expectAccessible(page);
    });
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

  test('a pause is told on every screen, and resuming it says what was done', async () => {
    const page = await own.open('/');
    const because = async (reason: string) => {
      const why = await page.waitForSelector('[role=dialog] input');
      await why?.type(reason);
    };
    await press(page, 'button', 'Pause a queue …');
    await because('Genesys is being repaired');
    await press(page, 'button', 'Pause transfers');
    await shows(page, 'In the audit: pause by');
    await press(page, 'button', 'Close');
    await press(page, 'link', 'Transfers');
    await titled(page, 'Transfers');
    await shows(page, 'The queue transfers is paused');
    await shows(page, 'Genesys is being repaired');
    await expectAccessible(page);
    await page.emulateMediaType('print');
    await hides(page, 'The queue transfers is paused');
    await page.emulateMediaType('screen');
    await press(page, 'button', 'Resume transfers …');
    await because('it is repaired');
    await press(page, 'button', 'Resume transfers');
    await hides(page, 'The queue transfers is paused');
    await shows(page, 'In the audit: resume by');
    await shows(page, 'it is repaired');
    await press(page, 'button', 'Close');

    await press(page, 'link', 'Now');
    await shows(page, 'What people did last');
    await shows(page, 'it is repaired');
    await press(page, 'link', 'The whole audit');
    await titled(page, 'Audit');
    await shows(page, 'Resumed transfers');
    await page.goto(`${own.api.url}/audit?action=pause&actor=local`);
    await shows(page, 'Genesys is being repaired');
    await hides(page, 'it is repaired');
    await page.close();
  });

  test.each(['/quality', '/audit'])('at 360 px no table of %s is cut off', async (path) => {
    const page = await own.open(path, { width: 360 });
    await page.waitForSelector('main tbody td');
    const cut = await page.$$eval('main .card, main .table-frame, main .quality-scroll', (frames) =>
      frames
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ className }) => className),
    );
    expect(cut).toEqual([]);
    await expectAccessible(page);
    await page.close();
  });

  test('the keyboard goes on where it was after a filter is chosen', async () => {
    const page = await own.open('/transfers');
    const focused = () => page.evaluate(() => document.activeElement?.matches('.filters .choice'));
    await titled(page, 'Transfers');
    await page.focus('.filters .choice');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=option]');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.search.includes('status='));
    await shows(page, 'Show all');
    await expect.poll(focused).toBe(true);
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

  test('ids of 200 characters and from right to left are shown whole, and nothing is wider than the window', async () => {
    for (const width of [1280, 360]) {
      const page = await own.open(`/transfers/${refused}`, { width });
      for (const text of [LONG, RIGHT_TO_LEFT, HOSTILE]) await shows(page, text);
      await expectAccessible(page);
      await page.goto(`${own.api.url}/transfers?callId=${LONG}`);
      await page.waitForSelector(`a[href$="/${refused}"]`);
      await expectAccessible(page);
      await page.close();
    }
  });

  test('a hundred entries in a timeline are folded where they repeat, and each is shown when asked for', async () => {
    const { world } = own;
    const subject = createSubject(world.sandbox);
    world.sandbox.addScript({ operation: 'user', steps: [{ status: 503, times: 10_000 }] });
    const id = await world.submit(requestFor(subject));
    await world.outcome(id);
    let entries = (await world.get(id)).timeline.length;
    while (entries < 100) {
      await fetch(`${own.api.url}/api/dead-letters/${id}/replay`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ reason: 'again' }),
      });
      await expect.poll(async () => (await world.get(id)).record.status).toBe('failed');
      entries = (await world.get(id)).timeline.length;
    }
    world.sandbox.clearScripts();
    for (const [theme, width] of [
      ['light', 1280],
      ['dark', 360],
    ] as const) {
      const page = await own.open(`/transfers/${id}`, { theme, width });
      const rows = () => page.$$eval('.timeline > ol > li', (shown) => shown.length);
      await shows(page, `Show all ${entries} entries`);
      expect(await rows()).toBeLessThan(entries);
      await press(page, 'link', `Show all ${entries} entries`);
      await expect.poll(rows).toBe(entries);
      await expectAccessible(page);
      await page.close();
    }
  });

  test('a list that changes fifty times a second stays usable, and ends up with the newest', async () => {
    const { world } = own;
    const page = await own.open('/transfers');
    await titled(page, 'Transfers');
    const submitted: Promise<string>[] = [];
    const timer = setInterval(
      () => submitted.push(world.submit(requestFor(createSubject(world.sandbox)))),
      1_000 / CHANGES_PER_SECOND,
    );
    // Meanwhile the page is used.
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length > 50, { timeout: 60_000 });
    await press(page, 'link', 'Quality');
    await titled(page, 'Quality');
    await press(page, 'link', 'Transfers');
    await titled(page, 'Transfers');
    await expect.poll(() => submitted.length).toBeGreaterThan(4 * CHANGES_PER_SECOND);
    clearInterval(timer);
    const ids = await Promise.all(submitted);
    const last = ids.at(-1);
    await page.waitForSelector(`tbody a[href$="/${last}"]`, { timeout: 60_000 });
    await expectAccessible(page);
    await page.close();
    for (const id of ids) await world.outcome(id);
  });

  test('at 360 px an operator stops a replay, and what it has not reached stays a dead letter', async () => {
    const { items: letters } = (await (
      await fetch(`${own.api.url}/api/dead-letters?kind=failed`)
    ).json()) as {
      items: { id: string }[];
    };
    expect(letters.length).toBeGreaterThan(0);
    // Nobody works on the action, so it is still running when it is stopped.
    own.worker.kill('SIGKILL');
    await own.worker.exited;
    const page = await own.open('/dead-letters', { theme: 'dark', width: 360 });
    const because = async (reason: string) => {
      const why = await page.waitForSelector('[role=dialog] input:not([type=checkbox])');
      await why?.type(reason);
    };
    await page.locator('button[aria-label^="Replay failed"]').click();
    await because('it may be over');
    await press(page, 'button', `Replay ${letters.length}`);
    await press(page, 'button', 'Stop it …');
    await because('it is not over');
    await press(page, 'button', 'Stop it');
    await shows(page, 'In the audit: stop by');
    await expectAccessible(page);
    await press(page, 'button', 'Close');
    await shows(page, 'it is not over');
    await expectAccessible(page);
    const { items: actions } = (await (await fetch(`${own.api.url}/api/actions`)).json()) as {
      items: object[];
    };
    expect(actions[0]).toMatchObject({ status: 'stopped', done: 0 });
    for (const { id } of letters) expect((await own.world.get(id)).record.status).toBe('failed');
    await page.close();
  });
});
