import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { handover } from '../handover.ts';

const ACTION = {
  ...{ id: 'a1', action: 'replay', status: 'done', total: 190, done: 185, failed: 0 },
  skipped: { held: 5 },
};
/** What the server answers, one after the other; the last one to all further requests. */
let answers: [status: number, body: object][];
let asked: { path: string; body: unknown }[];
const server = createServer(async (request, response) => {
  let text = '';
  for await (const piece of request) text += piece;
  asked.push({ path: `${request.method} ${request.url}`, body: text === '' ? undefined : JSON.parse(text) });
  const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, {}];
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
beforeAll(() => new Promise<void>((done) => void server.listen(0, '127.0.0.1', done)));
afterAll(() => new Promise((done) => server.close(done).closeAllConnections()));
beforeEach(() => {
  asked = [];
});

async function run(args: string[], isTerminal = true, signal?: AbortSignal) {
  const [out, err]: string[][] = [[], []];
  const code = await handover(args, {
    env: { HANDOVER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    out: (text) => void out?.push(text),
    err: (text) => void err?.push(text),
    outIsTerminal: isTerminal,
    errIsTerminal: isTerminal,
    ...(signal && { signal }),
  });
  return { code, out: out?.join('') ?? '', err: err?.join('') ?? '' };
}

test('a dry run says how many and which', async () => {
  const ids = Array.from({ length: 25 }, (_, index) => `t${index}`);
  const found = { total: 30, byKind: { failed: 25, held: 5 }, byReason: { conflict: 25 }, more: false };
  answers = [[200, { dryRun: true, ...found, skipped: { held: 5 }, ids }]];
  const args = ['replay', '--reason', 'conflict', '--call', 'c1', '--dry-run'];
  const { code, out } = await run(args);
  expect(code).toBe(0);
  expect(asked).toEqual([
    {
      path: 'POST /api/dead-letters/replay',
      body: { filter: { reason: 'conflict', callId: 'c1' }, dryRun: true },
    },
  ]);
  expect(out).toMatch(
    /^30 match \(failed: 25, held: 5\) \(conflict: 25\)\. 5 would be left out \(held: 5\)\.\nWithout --dry-run these are replayed:\n {2}t0\n/,
  );
  expect(out).toMatch(/\n {2}t19\n {2}… and more/);
  expect(JSON.parse((await run(args, false)).out)).toMatchObject({ total: 30, ids });
});

test('an action is followed to its end, with progress on a terminal', async () => {
  const running = { ...ACTION, status: 'running', done: 40, waitsFor: 'the budget is used up' };
  answers = [
    [202, { id: 'a1' }],
    [200, running],
    [200, ACTION],
  ];
  const { code, out, err } = await run(['resolve', '--all', '--not-moved', '--because', 'why']);
  expect(asked.map(({ path }) => path)).toEqual([
    'POST /api/dead-letters/resolve',
    ...['GET /api/actions/a1', 'GET /api/actions/a1'],
  ]);
  expect(asked[0]?.body).toEqual({ filter: { all: true }, happened: false, reason: 'why', dryRun: false });
  expect(err).toContain('45 of 190 resolved; it waits: the budget is used up');
  expect({ code, out }).toEqual({ code: 0, out: '185 of 190 resolved. 5 were left out (held: 5).\n' });
});

test.each([
  [{ failed: 2, done: 183 }, /^183 of 190 replayed\. .* 2 ended with an error: see the log/],
  [{ status: 'stopped', done: 3 }, /^3 of 190 replayed\. .* It was stopped\.$/m],
])('an action that did not do all of it is a failure: %j', async (change, words) => {
  answers = [
    [202, { id: 'a1' }],
    [200, { ...ACTION, ...change }],
  ];
  const { code, out } = await run(['replay', '--billing', '--because', 'why']);
  expect(code).toBe(1);
  expect(out).toMatch(words);
  expect(asked[0]?.body).toMatchObject({ filter: { billing: true } });
});

test('Ctrl-C leaves the action alone, and says how to stop it', async () => {
  answers = [
    [202, { id: 'a1' }],
    [200, { ...ACTION, status: 'running' }],
  ];
  const interruption = new AbortController();
  const running = run(['replay', '--all', '--because', 'why'], true, interruption.signal);
  while (asked.length < 2) await new Promise((next) => setImmediate(next));
  interruption.abort();
  const { code, err } = await running;
  expect(code).toBe(130);
  expect(err).toContain('The action a1 goes on. Stop it: POST /api/actions/a1/stop');
});

test.each([
  [['replay', '--because', 'why'], 'Which? Give an id, or a filter'],
  [['replay', 'a', '--all', '--because', 'why'], 'An id and a filter exclude each other'],
  [['replay', '--all'], '--because is missing'],
  [['resolve', '--billing', '--because', 'why'], "Unknown option '--billing'"],
])('%j is wrong usage', async (args, words) => {
  const { code, err } = await run(args);
  expect(code).toBe(2);
  expect(err).toContain(words);
  expect(asked).toEqual([]);
});
