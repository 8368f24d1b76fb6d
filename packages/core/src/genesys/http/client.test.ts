import { beforeEach, describe, expect, test } from 'vitest';
import type { Budget } from '../../redis/pace/budget.ts';
import { createPurse } from '../../transfer/purse.ts';
import type { WireAnswer, WireRequest } from '../../wire/wire.ts';
import { voice } from '../voice/dialect.ts';
import { type ClientRequest, createClient } from './client.ts';
import type { TokenAnswer } from './token.ts';

const HELD = 5_000;
const WAIT = { until: HELD, rule: 'budget used up' };

/** Everything that happens, in order: 'token', 'take', 'gate', 'send A', 'drop A', 'refused', 'raise 7000'. */
let story: string[];
let sent: WireRequest[];
let answers: WireAnswer[];
let tokens: TokenAnswer[];
/** What the budget says at each look; the last one stays. */
let marks: (Awaited<ReturnType<Budget['take']>> | undefined)[];
let onSend: () => void;

beforeEach(() => {
  story = [];
  sent = [];
  answers = [];
  tokens = [tokenOf('A'), tokenOf('B')];
  marks = [undefined];
  onSend = () => undefined;
});

function tokenOf(token: string): TokenAnswer {
  return { ok: true, token, requests: [] };
}
const limitOf = (allowed: number | undefined) =>
  allowed === undefined ? {} : { 'inin-ratelimit-allowed': `${allowed}` };
const answered = (
  status: number,
  data: unknown = status < 300 ? {} : { code: `is.${status}` },
  retryAfterMs?: number,
  allowed?: number,
): WireAnswer => ({
  ...{ answered: true, status, data, retryAfterMs, headers: limitOf(allowed), type: undefined },
  note: { operation: 'call', status, ms: 1 },
});
const lost: WireAnswer = {
  answered: false,
  failure: { kind: 'no-answer', sent: true, detail: 'ECONNRESET' },
  note: { operation: 'call', status: null, ms: 1 },
};

const next = <T>(list: T[]): T => {
  const [first] = list;
  if (first === undefined && list.length === 0) throw new Error('one more than expected');
  if (list.length > 1) list.shift();
  return first as T;
};

function ask(change: Partial<ClientRequest> = {}) {
  const client = createClient({
    dialect: voice,
    baseUrl: 'https://api.example.org',
    wire: {
      send: async (request) => {
        story.push(`send ${request.headers?.authorization?.replace('Bearer ', '')}`);
        sent.push(request);
        onSend();
        return answers.shift() ?? Promise.reject(new Error('one request more than expected'));
      },
      close: () => undefined,
    },
    token: {
      get: async () => {
        story.push('token');
        return next(tokens);
      },
      drop: (token) => story.push(`drop ${token}`),
      suspect: (token) => story.push(`suspect ${token}`),
      refused: () => story.push('refused'),
      worked: () => undefined,
      state: () => ({ state: 'ok', detail: '' }),
    },
    speed: 10,
    budget: {
      take: async () => {
        story.push('take');
        return next(marks);
      },
      leaveToOthers: async () => undefined,
      learn: async (allowed) => {
        story.push(`learn ${allowed}`);
      },
    },
    holdOff: {
      raise: async (ms) => {
        story.push(`raise ${ms}`);
        return HELD;
      },
    },
  });
  const signal = new AbortController().signal;
  return client.request({ operation: 'call', method: 'GET', path: '/x', signal, ...change });
}

function gateThatSays(...says: boolean[]): () => Promise<boolean> {
  return async () => {
    story.push('gate');
    return says.shift() ?? false;
  };
}

describe('a request', () => {
  test('gets a token, takes from the budget and is sent, in that order', async () => {
    answers = [answered(200)];
    await ask();
    expect(story).toEqual(['token', 'take', 'send A']);
  });

  test('that was taken already is not taken again', async () => {
    answers = [answered(200)];
    await ask({ purse: createPurse(1) });
    expect(story).toEqual(['token', 'send A']);
  });

  test('that was taken too long ago is taken anew, and so is the one after a 401', async () => {
    let now = 0;
    const purse = createPurse(2, () => now);
    now = 10_000;
    answers = [answered(401), answered(200)];
    tokens = [tokenOf('A'), tokenOf('B')];
    await ask({ purse });
    expect(story).toEqual(['token', 'take', 'send A', 'drop A', 'token', 'take', 'send B']);
  });

  test('with a gate leaves hold-off and budget to it, and is sent directly after it', async () => {
    answers = [answered(200, { id: 'x' })];
    const answer = await ask({ gate: gateThatSays(true), headers: { 'if-match': '"1"' } });
    expect(answer).toMatchObject({ ok: true, said: { data: { id: 'x' } }, requests: [{ status: 200 }] });
    expect(story).toEqual(['token', 'gate', 'send A']);
    expect(sent[0]).toMatchObject({
      url: 'https://api.example.org/x',
      headers: { 'if-match': '"1"', authorization: 'Bearer A' },
    });
  });

  test('is told to the budget with what the platform says it allows', async () => {
    answers = [answered(200, {}, undefined, 180), answered(200)];
    await ask();
    await ask();
    expect(story).toEqual(['token', 'take', 'send A', 'learn 180', 'token', 'take', 'send B']);
  });

  test('whose gate stays shut is not sent', async () => {
    expect(await ask({ gate: gateThatSays(false) })).toEqual({ ok: false, gate: 'shut', requests: [] });
    expect(sent).toEqual([]);
  });

  test('counts the token request that it had to make', async () => {
    const note = { operation: 'token', status: 200, ms: 1 };
    tokens = [{ ok: true, token: 'A', requests: [note] }];
    answers = [answered(200)];
    expect((await ask()).requests).toEqual([note, expect.objectContaining({ operation: 'call' })]);
  });

  test('carries the words of the platform, cut to what a timeline can bear', async () => {
    answers = [answered(400, { code: 'c'.repeat(300), message: 'm'.repeat(900), token: 'A' })];
    expect(await ask()).toMatchObject({
      ok: false,
      gate: 'opened',
      failure: { kind: 'answered', status: 400, code: 'c'.repeat(200), message: 'm'.repeat(500) },
    });
  });

  test.each<[string, unknown, string | undefined, string]>([
    ['a list', [{ code: 'x' }], undefined, 'a JSON list'],
    ['nothing', undefined, undefined, 'no JSON'],
    ['what should be JSON and is not', undefined, 'application/json', 'no JSON'],
    ['a web page', undefined, 'text/html', 'text/html'],
    ['null', null, 'application/json', 'no JSON'],
    ['no code', { message: 'Forbidden' }, 'application/json', 'JSON without a code'],
    ['a number as code', { code: 1, message: 2 }, 'application/json', 'JSON without a code'],
    ['the code of another form', { error: { code: 'x' } }, undefined, 'JSON without a code'],
  ])('that is refused with %s was answered by something in between', async (_, data, type, what) => {
    for (const status of [301, 400, 403, 404, 409, 412, 500, 502, 503]) {
      answers = [{ ...answered(status), data, type } as WireAnswer];
      const failure = { kind: 'intercepted', status, what };
      expect(await ask()).toMatchObject({ ok: false, gate: 'opened', failure });
    }
  });

  test.each<[string, unknown, object]>([
    ['only a code', { code: 'x' }, { code: 'x' }],
    ['an empty code', { code: '' }, { code: '' }],
    ['a message that is no text', { code: 'x', message: { text: 'y' } }, { code: 'x', message: undefined }],
  ])('that is refused with %s was answered by the platform', async (_, data, words) => {
    answers = [answered(404, data)];
    expect(await ask()).toMatchObject({ failure: { kind: 'answered', status: 404, ...words } });
  });

  test.each([200, 202, 301, 408, 425, 500, 503])(
    'answered %i with Retry-After carries it, capped and as fast as the lane',
    async (status) => {
      answers = [answered(status, undefined, 8_000), answered(status, undefined, 9_999_999)];
      for (const retryAfterMs of [800, 18_000]) {
        const answer = await ask();
        expect(answer.ok ? answer.said : answer).toMatchObject(
          answer.ok ? { retryAfterMs } : { failure: { kind: 'answered', retryAfterMs } },
        );
      }
      expect(story.filter((step) => step.startsWith('raise'))).toEqual([]);
    },
  );

  test('that got no answer says so', async () => {
    answers = [lost];
    expect(await ask({ gate: gateThatSays(true) })).toMatchObject({
      gate: 'opened',
      failure: { kind: 'no-answer', sent: true },
    });
  });

  test('before the effect left: it cannot have happened', async () => {
    const closing = new AbortController();
    onSend = () => closing.abort();
    answers = [{ ...lost, failure: { kind: 'no-answer', sent: false, detail: 'aborted at shutdown' } }];
    expect(await ask({ signal: closing.signal, gate: gateThatSays(true) })).toMatchObject({
      gate: 'opened',
      failure: { kind: 'stopped' },
    });
  });
});

describe('a 401', () => {
  test('drops the token and tries once more with a new one, asking the gate anew', async () => {
    answers = [answered(401), answered(200, { id: 'x' })];
    const answer = await ask({ gate: gateThatSays(true, true) });
    expect(answer).toMatchObject({ ok: true, requests: [{ status: 401 }, { status: 200 }] });
    const once = ['token', 'gate'];
    expect(story).toEqual([...once, 'send A', 'drop A', ...once, 'send B']);
  });

  test('for the second time is told, and not tried again', async () => {
    answers = [answered(401), answered(401)];
    const answer = await ask();
    expect(answer).toMatchObject({ ok: false, gate: 'opened', failure: { status: 401 } });
    expect(story.slice(-2)).toEqual(['send B', 'refused']);
    expect(answer.requests).toHaveLength(2);
  });

  test('and then a gate that shut meanwhile: nothing is sent again', async () => {
    answers = [answered(401)];
    const answer = await ask({ gate: gateThatSays(true, false) });
    expect(answer).toMatchObject({ ok: false, gate: 'shut', requests: [{ status: 401 }] });
    expect(sent).toHaveLength(1);
  });

  test('and then a hold-off: nothing is sent again', async () => {
    answers = [answered(401)];
    marks = [undefined, WAIT];
    expect(await ask()).toMatchObject({
      gate: 'not-reached',
      failure: { kind: 'held', until: HELD, answered: false, rule: 'budget used up' },
    });
    expect(sent).toHaveLength(1);
  });

  test('and then no token to be had: the request is not sent again', async () => {
    answers = [answered(401)];
    const failure = { kind: 'answered', status: 503 } as const;
    tokens = [tokenOf('A'), { ok: false, failure, requests: [] }];
    expect(await ask()).toMatchObject({ gate: 'not-reached', failure });
    expect(sent).toHaveLength(1);
  });

  test('of the token request is not tried a second time here', async () => {
    const failure = { kind: 'answered', status: 401, code: 'no-token' } as const;
    tokens = [{ ok: false, failure, requests: [] }];
    expect(await ask({ gate: gateThatSays(true) })).toMatchObject({ gate: 'not-reached', failure });
    expect(story).toEqual(['token']);
  });
});

describe('a 401 of something in between', () => {
  const page = (status: number) => ({ ...answered(status, null), type: 'text/html' }) as WireAnswer;

  test('is trouble on the way: the token is suspected, not dropped, and nothing is sent again', async () => {
    answers = [page(401)];
    expect(await ask({ gate: gateThatSays(true) })).toMatchObject({
      gate: 'opened',
      failure: { kind: 'intercepted', status: 401 },
    });
    expect(story).toEqual(['token', 'gate', 'send A', 'suspect A']);
  });

  test('after a 401 of the platform does not say that two tokens were refused', async () => {
    answers = [answered(401), page(401)];
    expect(await ask()).toMatchObject({ failure: { kind: 'intercepted', status: 401 } });
    expect(story).not.toContain('refused');
  });
});

describe('holding off', () => {
  test('a 429 raises the mark with its Retry-After', async () => {
    answers = [answered(429, {}, 7_000)];
    expect(await ask({ gate: gateThatSays(true) })).toMatchObject({
      ok: false,
      gate: 'opened',
      failure: { kind: 'held', until: HELD, answered: true, rule: 'rate limited' },
    });
    expect(story.at(-1)).toBe('raise 7000');
  });

  test('a 429 of something in between raises it too, and says in which form it came', async () => {
    answers = [{ ...answered(429, undefined, 7_000), data: undefined, type: 'text/html' } as WireAnswer];
    expect(await ask({ gate: gateThatSays(true) })).toMatchObject({
      failure: { kind: 'held', until: HELD, answered: true, what: expect.stringContaining('text/html') },
    });
    expect(story.at(-1)).toBe('raise 7000');
  });

  test('a 429 without one raises it all the same', async () => {
    answers = [answered(429)];
    await ask();
    expect(story.at(-1)).toBe('raise undefined');
  });

  test('while the mark stands nothing is sent', async () => {
    marks = [WAIT];
    expect(await ask()).toEqual({
      ok: false,
      gate: 'not-reached',
      failure: { kind: 'held', until: HELD, answered: false, rule: 'budget used up' },
      requests: [],
    });
    expect(sent).toEqual([]);
  });
});

describe('shutting down', () => {
  test('before a request: nothing is sent, no token is asked for', async () => {
    const answer = await ask({ signal: AbortSignal.abort(), gate: gateThatSays(true) });
    expect(answer).toMatchObject({ gate: 'not-reached', failure: { kind: 'stopped' } });
    expect(story).toEqual([]);
  });

  test('while the token was fetched: no gate opens', async () => {
    const closing = new AbortController();
    tokens = [tokenOf('A')];
    const asked = ask({ signal: closing.signal, gate: gateThatSays(true) });
    closing.abort();
    expect(await asked).toMatchObject({ gate: 'not-reached', failure: { kind: 'stopped' } });
    expect(sent).toEqual([]);
  });

  test('during a read: the read is given up, which is no trouble of the platform', async () => {
    const closing = new AbortController();
    onSend = () => closing.abort();
    answers = [lost];
    expect(await ask({ signal: closing.signal })).toMatchObject({ failure: { kind: 'stopped' } });
  });

  test('during the effect: it may have happened', async () => {
    const closing = new AbortController();
    onSend = () => closing.abort();
    answers = [lost];
    expect(await ask({ signal: closing.signal, gate: gateThatSays(true) })).toMatchObject({
      gate: 'opened',
      failure: { kind: 'no-answer', sent: true },
    });
  });

  test('before the effect left: it cannot have happened', async () => {
    const closing = new AbortController();
    onSend = () => closing.abort();
    answers = [{ ...lost, failure: { kind: 'no-answer', sent: false, detail: 'aborted at shutdown' } }];
    expect(await ask({ signal: closing.signal, gate: gateThatSays(true) })).toMatchObject({
      gate: 'opened',
      failure: { kind: 'stopped' },
    });
  });
});
