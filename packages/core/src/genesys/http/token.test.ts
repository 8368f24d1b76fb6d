import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HoldOff } from '../../redis/pace/hold-off.ts';
import type { Wire, WireAnswer, WireRequest } from '../../wire/wire.ts';
import { voice } from '../voice/dialect.ts';
import { createTokenSource, type TokenAnswer, type TokenSource, type TokenState } from './token.ts';

const SECRET = 'sec/08+15';
const ENCODED = encodeURIComponent(SECRET);
const HOUR = 3_600;

type Waiting = { request: WireRequest; answer: (answer: WireAnswer) => void };
/** Milliseconds. */
let clock: number;
let waiting: Waiting[];
let asked: number;
let heldUntil: number | undefined;
let raised: (number | undefined)[];
let states: TokenState[];
let source: TokenSource;

beforeEach(() => {
  clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  waiting = [];
  asked = 0;
  heldUntil = undefined;
  raised = [];
  states = [];
  source = newSource();
});
afterEach(() => {
  vi.restoreAllMocks();
});

function newSource(): TokenSource {
  const wire: Wire = {
    send: (request) => {
      asked += 1;
      return new Promise((answer) => waiting.push({ request, answer }));
    },
    close: () => undefined,
  };
  const holdOff: Pick<HoldOff, 'heldUntil' | 'raise'> = {
    heldUntil: async () => heldUntil,
    raise: async (ms) => {
      raised.push(ms);
      return 9_000;
    },
  };
  return createTokenSource({
    ...{ wire, holdOff, dialect: voice },
    oauth: { id: 'client', secret: SECRET, baseUrl: 'https://login.example.org' },
    signal: new AbortController().signal,
    onState: (state) => states.push(state),
    speed: 1,
  });
}

const answered = (status: number, data: unknown, retryAfterMs?: number): WireAnswer => ({
  ...{ answered: true, status, data, retryAfterMs, headers: {}, type: undefined },
  note: { operation: 'token', status, ms: 1 },
});
const token = (access_token: string, expires_in = HOUR) => answered(200, { access_token, expires_in });

/** Answers the request that waits, once it is there. */
async function answer(reply: WireAnswer): Promise<WireRequest> {
  await vi.waitUntil(() => waiting.length > 0, { interval: 1 });
  const [next] = waiting.splice(0, 1);
  if (next === undefined) throw new Error('no request waits');
  next.answer(reply);
  return next.request;
}

async function getWith(reply: WireAnswer): Promise<TokenAnswer> {
  const got = source.get();
  await answer(reply);
  return got;
}

function passSeconds(seconds: number): void {
  clock += seconds * 1_000;
}
const has = (value: string) => ({ ok: true, token: value });

describe('a token', () => {
  test('is asked for as the voice API wants it', async () => {
    const got = source.get();
    const request = await answer(token('A'));
    expect(await got).toEqual({ ok: true, token: 'A', requests: [expect.anything()] });
    expect(request).toMatchObject({
      operation: 'token',
      method: 'POST',
      url: 'https://login.example.org/api/v2/oauth/token',
      body: {
        grant_type: 'client_credentials',
        client_id: 'client',
        client_secret: SECRET,
        scope: 'voice:call:transfer voice:call:read queue:queue:read integration:webhook:create user:read',
      },
    });
    expect(states).toEqual([{ state: 'ok', detail: 'a valid token' }]);
  });

  test('is one request for 50 who wait, and only one of them counts it', async () => {
    const all = Promise.all(Array.from({ length: 50 }, () => source.get()));
    await answer(token('A'));
    const answers = await all;
    expect(asked).toBe(1);
    expect(answers.every((one) => one.ok && one.token === 'A')).toBe(true);
    expect(answers.flatMap(({ requests }) => requests)).toHaveLength(1);
  });

  test('is kept in memory', async () => {
    await getWith(token('A'));
    expect(await source.get()).toEqual({ ok: true, token: 'A', requests: [] });
    expect(asked).toBe(1);
  });

  test('is refreshed in the background at 80 % of its life', async () => {
    await getWith(token('A'));
    passSeconds(0.8 * HOUR - 1);
    await source.get();
    expect(asked).toBe(1);
    passSeconds(1);
    expect(await Promise.all([source.get(), source.get()])).toMatchObject([has('A'), has('A')]);
    await answer(token('B'));
    await vi.waitUntil(async () => inspect(await source.get()).includes("'B'"));
    expect(asked).toBe(2);
  });

  test('outlives a refresh that failed, and the failure shows', async () => {
    await getWith(token('A'));
    passSeconds(0.9 * HOUR);
    expect(await source.get()).toMatchObject(has('A'));
    await answer(answered(503, undefined));
    await vi.waitUntil(() => source.state().state === 'failing');
    expect(await source.get()).toMatchObject(has('A'));
  });

  test.each([
    [HOUR, HOUR - 30],
    [120, 90],
    [61, 31],
    [60, 30],
    [10, 5],
  ])('that lives %i s is used for %i s at most', async (life, use) => {
    await getWith(token('A', life));
    passSeconds(use - 0.001);
    expect(await source.get()).toMatchObject(has('A'));
    passSeconds(0.002);
    // A refresh may be in progress; the next request has to wait for it.
    const got = source.get();
    await answer(token('B', life));
    expect(await got).toMatchObject(has('B'));
  });

  test('lives from the time it was asked for, not from the answer', async () => {
    const got = source.get();
    await vi.waitUntil(() => waiting.length > 0);
    passSeconds(20);
    await answer(token('A', 100));
    await got;
    passSeconds(50.001);
    const next = source.get();
    await answer(token('B'));
    expect(await next).toMatchObject(has('B'));
  });
});

describe('the life of a token', () => {
  test.each<[unknown, number]>([
    ['3600', HOUR - 30],
    [' 120 ', 90],
    ['59.5', 29.75],
    [61.5, 31.5],
    ['1e2', 70],
    [undefined, 570],
    [null, 570],
    ['', 570],
    [0, 570],
    ['0', 570],
    [-1, 570],
    ['-5', 570],
    ['soon', 570],
    ['3600s', 570],
    [Number.NaN, 570],
    ['Infinity', 570],
    [true, 570],
    [[3600], 570],
  ])('told as %j is used for %d s', async (life, use) => {
    await getWith(answered(200, { access_token: 'A', token_type: 'bearer', expires_in: life }));
    expect(source.state().state).toBe('ok');
    passSeconds(use - 0.001);
    expect(await source.get()).toMatchObject(has('A'));
    passSeconds(0.002);
    const got = source.get();
    await answer(token('B'));
    expect(await got).toMatchObject(has('B'));
  });
});

describe('a token that something in between refused', () => {
  test('is kept while it is young, whatever is said, and replaced after a minute', async () => {
    await getWith(token('A'));
    for (let index = 0; index < 50; index += 1) source.suspect('A');
    passSeconds(60);
    source.suspect('A');
    source.suspect('another');
    expect(await source.get()).toMatchObject(has('A'));
    passSeconds(0.001);
    source.suspect('another');
    expect(await source.get()).toMatchObject(has('A'));
    source.suspect('A');
    expect(await getWith(token('B'))).toMatchObject(has('B'));
    for (let index = 0; index < 50; index += 1) source.suspect('B');
    expect(await source.get()).toMatchObject(has('B'));
    expect(asked).toBe(2);
  });
});

describe('a token that was refused', () => {
  test('is dropped, and one new one serves all who ask', async () => {
    await getWith(token('A'));
    for (let index = 0; index < 50; index += 1) source.drop('A');
    const all = Promise.all(Array.from({ length: 50 }, () => source.get()));
    await answer(token('B'));
    expect((await all).every((one) => one.ok && one.token === 'B')).toBe(true);
    expect(asked).toBe(2);
  });

  test('does not take its successor with it', async () => {
    await getWith(token('A'));
    source.drop('A');
    await getWith(token('B'));
    for (let index = 0; index < 50; index += 1) source.drop('A');
    expect(await source.get()).toMatchObject(has('B'));
    expect(asked).toBe(2);
  });

  test('is replaced at most once a minute after two in a row were refused, until one works again', async () => {
    await getWith(token('A'));
    source.drop('A');
    await getWith(token('B'));
    source.refused('two tokens in a row were refused with 401');
    for (let index = 0; index < 50; index += 1) source.drop('B');
    expect(await source.get()).toMatchObject(has('B'));
    passSeconds(60.001);
    source.drop('B');
    await getWith(token('C'));
    source.drop('C');
    source.worked('B');
    source.drop('C');
    expect(await source.get()).toMatchObject(has('C'));
    source.worked('C');
    expect(source.state().state).toBe('ok');
    source.drop('C');
    expect(await getWith(token('D'))).toMatchObject(has('D'));
    expect(asked).toBe(4);
  });

  test('shows in the state when two in a row were refused', async () => {
    await getWith(token('A'));
    source.refused('two tokens in a row were refused with 401');
    expect(source.state()).toEqual({
      state: 'failing',
      detail: 'two tokens in a row were refused with 401',
    });
  });
});

describe('no token', () => {
  test('before anybody asked', () => {
    expect(source.state()).toMatchObject({ state: 'none' });
  });

  test.each([400, 401, 403, 404, 302])('a client that gets %i is told in words', async (status) => {
    const got = await getWith(answered(status, { code: 'invalid.client' }));
    expect(got).toMatchObject({
      ok: false,
      failure: { kind: 'answered', status: 401, code: 'no-token' },
      requests: [{ operation: 'token', status }],
    });
    expect(source.state()).toEqual({
      state: 'failing',
      detail: `the token request to https://login.example.org answered ${status} (invalid.client); check GENESYS_API, the base URL and the OAuth client`,
    });
    expect(states).toHaveLength(1);
  });

  test('a 5xx stays a 5xx', async () => {
    const got = await getWith(answered(503, { code: 'maintenance', message: 'until noon' }));
    expect(got).toMatchObject({ ok: false, failure: { kind: 'answered', status: 503 } });
    expect(source.state().detail).toBe(
      'the token request to https://login.example.org answered 503 (maintenance: until noon)',
    );
  });

  test.each([
    ['no body', undefined],
    ['no token', { expires_in: 5 }],
    ['an empty token', { access_token: '', expires_in: 5 }],
    ['a token that is no text', { access_token: 5, expires_in: 5 }],
    ['a list', [{ access_token: 'A', expires_in: 5 }]],
    ['an error all the same', { code: 'maintenance', message: 'come back' }],
  ])('a 200 with %s is not from the platform', async (_, data) => {
    expect(await getWith(answered(200, data))).toMatchObject({
      ok: false,
      failure: { kind: 'intercepted', status: 200 },
    });
    expect(source.state()).toMatchObject({
      state: 'failing',
      detail: expect.stringMatching(/200 from something in between .*; check GENESYS_API/),
    });
  });

  test.each([200, 204, 301, 401, 403, 404, 500, 503])(
    'a web page with %i is trouble on the way, not a refusal of the client',
    async (status) => {
      const page = { ...answered(status, undefined), type: 'text/html' } as WireAnswer;
      expect(await getWith(page)).toMatchObject({
        ok: false,
        failure: { kind: 'intercepted', status, what: 'text/html' },
      });
      expect(source.state().detail).toMatch(
        `https://login.example.org: ${status} from something in between (text/html), not from the platform`,
      );
    },
  );

  test.each<[string, object, string]>([
    [
      'of the platform',
      { code: 'invalid.client', message: `no such ${SECRET}, ${ENCODED}` },
      'invalid.client: no such …, …',
    ],
    ['of OAuth', { error: 'invalid_client', error_description: 'no' }, 'invalid_client: no'],
    ['of OAuth, without more', { error: 'invalid_client' }, 'invalid_client'],
  ])('a refusal in the words %s shows them, without the secret', async (_, data, words) => {
    expect(await getWith(answered(401, data))).toMatchObject({
      failure: { kind: 'answered', status: 401, code: 'no-token', message: expect.stringContaining(words) },
    });
    expect(source.state().detail).toContain(`answered 401 (${words})`);
  });

  test('is not asked for again before the time that the token endpoint names', async () => {
    const first = await getWith(answered(503, { code: 'maintenance' }, 8_000));
    expect(first).toMatchObject({ failure: { status: 503, retryAfterMs: 8_000 }, requests: [{}] });
    passSeconds(7.9);
    expect(await source.get()).toMatchObject({ failure: { status: 503, retryAfterMs: 100 }, requests: [] });
    expect(asked).toBe(1);
    passSeconds(0.2);
    expect(await getWith(token('A'))).toMatchObject(has('A'));
    passSeconds(HOUR);
    expect(await getWith(token('B'))).toMatchObject(has('B'));
  });

  test('waits no longer than three minutes for it, whatever the endpoint says', async () => {
    await getWith(answered(503, undefined, 9_999_999));
    passSeconds(180);
    expect(await getWith(token('A'))).toMatchObject(has('A'));
  });

  test('no answer is told, and the next who asks tries again', async () => {
    const failure = { kind: 'no-answer', sent: true, detail: 'ECONNRESET' } as const;
    const lost = { answered: false, failure, note: { operation: 'token', status: null, ms: 1 } } as const;
    expect(await getWith(lost)).toMatchObject({ ok: false, failure });
    expect(source.state().detail).toBe(
      'the token request to https://login.example.org got no answer: ECONNRESET',
    );
    expect(await getWith(token('A'))).toMatchObject(has('A'));
    expect(source.state().state).toBe('ok');
  });

  test('a 429 raises the mark for all, and is no failure of the client', async () => {
    expect(await getWith(answered(429, undefined, 7_000))).toMatchObject({
      ok: false,
      failure: { kind: 'held', until: 9_000, answered: true, rule: 'rate limited' },
    });
    expect(raised).toEqual([7_000]);
    expect(source.state().state).toBe('none');
  });

  test('while everybody holds off, no token is asked for', async () => {
    heldUntil = 5_000;
    expect(await source.get()).toEqual({
      ok: false,
      failure: { kind: 'held', until: 5_000, answered: false, rule: 'rate limited' },
      requests: [],
    });
    expect(asked).toBe(0);
  });

  test('never tells the secret', async () => {
    const answers = [
      await getWith(answered(401, { message: 'no' })),
      await getWith(answered(200, { access_token: 7 })),
    ];
    expect(inspect([answers, states], { depth: null }) + JSON.stringify(answers)).not.toContain(SECRET);
  });
});
