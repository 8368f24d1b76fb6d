import { beforeEach, describe, expect, test } from 'vitest';
import type { Budget } from '../../redis/pace/budget.ts';
import { createPurse } from '../../transfer/purse.ts';
import type { WireAnswer } from '../../wire/wire.ts';
import { voice } from '../voice/dialect.ts';
import { type ClientRequest, createClient } from './client.ts';

const HELD = 5_000;
const WAIT = { until: HELD, rule: 'budget used up' };

/** Everything that happens, in order. */
let story: string[];
let answers: WireAnswer[];
/** What the budget says at each look, and `undefined` once there is no more. */
let marks: (Awaited<ReturnType<Budget['take']>> | undefined)[];
let onSend: () => void;

beforeEach(() => {
  story = [];
  answers = [];
  marks = [];
  onSend = () => undefined;
});

const answered = (status: number): WireAnswer => ({
  answered: true,
  status,
  data: status === 200 ? { id: 'x' } : { code: 'expired' },
  retryAfterMs: undefined,
  headers: {},
  type: undefined,
  note: { operation: 'call', status, ms: 1 },
});
const lost: WireAnswer = {
  answered: false,
  failure: { kind: 'no-answer', sent: true, detail: 'ECONNRESET' },
  note: { operation: 'call', status: null, ms: 1 },
};
const broken: WireAnswer = { ...lost, broken: true };
const sendings = () => story.filter((event) => event === 'send').length;

/** A read, unless changed. */
function ask(change: Partial<ClientRequest> = {}) {
  const client = createClient({
    dialect: voice,
    baseUrl: 'https://api.example.org',
    speed: 1,
    wire: {
      send: async () => {
        story.push('send');
        onSend();
        return answers.shift() ?? Promise.reject(new Error('one request more than expected'));
      },
      close: () => undefined,
    },
    token: {
      get: async () => ({ ok: true, token: 'A', requests: [] }),
      drop: () => story.push('drop'),
      suspect: () => undefined,
      refused: () => story.push('refused'),
      worked: () => undefined,
      state: () => ({ state: 'ok', detail: '' }),
    },
    budget: {
      take: async () => {
        story.push('take');
        return marks.shift();
      },
      learn: async () => undefined,
      leaveToOthers: async () => undefined,
    },
    holdOff: { raise: async () => HELD },
  });
  const signal = new AbortController().signal;
  return client.request({ operation: 'call', method: 'GET', path: '/x', signal, ...change });
}

describe('a connection that breaks before any byte of an answer', () => {
  test('is followed by the same GET once more, taken from the budget and noted like any', async () => {
    answers = [broken, answered(200)];
    const answer = await ask({ purse: createPurse(1) });
    expect(answer).toMatchObject({ ok: true, requests: [{ status: null }, { status: 200 }] });
    expect(answer).not.toHaveProperty('broken');
    expect(story).toEqual(['send', 'take', 'send']);
  });

  test('and again: there is no third', async () => {
    answers = [broken, broken];
    expect(await ask()).toMatchObject({
      ok: false,
      gate: 'opened',
      failure: { kind: 'no-answer' },
      requests: [{ status: null }, { status: null }],
    });
    expect(sendings()).toBe(2);
  });

  test.each(['POST', 'PUT', 'DELETE'] as const)(
    'leaves a %s as it is, with a gate or without',
    async (method) => {
      for (const gate of [undefined, async () => true]) {
        story = [];
        answers = [broken];
        expect(await ask({ method, gate })).toMatchObject({ failure: { kind: 'no-answer', sent: true } });
        expect(sendings()).toBe(1);
      }
    },
  );

  test('is another than no answer at all: a time-out, a refused connect', async () => {
    answers = [lost];
    expect(await ask()).toMatchObject({ failure: { kind: 'no-answer' }, requests: [{ status: null }] });
    answers = [{ ...lost, broken: false }];
    expect(await ask()).toMatchObject({ failure: { kind: 'no-answer' }, requests: [{ status: null }] });
  });

  test('while everybody holds off, or the budget is used up: it waits for that', async () => {
    answers = [broken];
    marks = [undefined, WAIT];
    expect(await ask()).toMatchObject({
      gate: 'not-reached',
      failure: { kind: 'held', until: HELD, answered: false },
      requests: [{ status: null }],
    });
    expect(sendings()).toBe(1);
  });

  test('while we are shutting down: nothing is sent again', async () => {
    const closing = new AbortController();
    onSend = () => closing.abort();
    answers = [broken];
    expect(await ask({ signal: closing.signal })).toMatchObject({ failure: { kind: 'stopped' } });
    expect(sendings()).toBe(1);
  });

  test('and then a 401: the new token is tried all the same', async () => {
    answers = [broken, answered(401), answered(200)];
    const answer = await ask();
    expect(answer).toMatchObject({
      ok: true,
      requests: [{ status: null }, { status: 401 }, { status: 200 }],
    });
    expect(story).toEqual(['take', 'send', 'take', 'send', 'drop', 'take', 'send']);
  });
});
