import type { Outcome } from '@handover/core/transfer';
import type { Sandbox } from '@handover/sandbox';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createSubject, requestFor, type Subject } from '../support/subject.ts';
import { openWorld, UNHURRIED, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ workers: 2, env: { GENESYS_TIMEOUT_MS: '6000', SETTLE_WINDOW_MS: '6500' } });
});
afterAll(() => world.close());

type Steps = Parameters<Sandbox['addScript']>[0]['steps'];

type Row = {
  answer: string;
  steps: Steps | ((subject: Subject) => Steps);
  ends: Partial<Outcome>;
  effects: number;
  conflicts?: number;
};

const happened = (confirmedBy: 'answer' | 'reading') => ({ status: 'transferred', confirmedBy }) as const;
const bump = { before: { action: 'bump-etag' } } as const;

const table: Row[] = [
  { answer: '200 → transferred', steps: [{}], ends: happened('answer'), effects: 1 },
  {
    answer: '204 with the effect → found by reading',
    steps: [{ status: 204, effect: true }],
    ends: happened('reading'),
    effects: 1,
  },
  {
    answer: '200 with a truncated body → found by reading',
    steps: [{ cutBody: true }],
    ends: happened('reading'),
    effects: 1,
  },
  {
    answer: '200 with a body that is not JSON → found by reading',
    steps: [{ invalidBody: true }],
    ends: happened('reading'),
    effects: 1,
  },
  {
    answer: '409 once → read again, transferred',
    steps: [bump],
    ends: happened('answer'),
    effects: 1,
    conflicts: 1,
  },
  {
    answer: '409 three times → transferred at the fourth',
    steps: [bump, bump, bump],
    ends: happened('answer'),
    effects: 1,
    conflicts: 3,
  },
  {
    answer: '409 four times → failed: conflict',
    steps: [bump, bump, bump, bump],
    ends: { status: 'failed', reason: 'conflict' },
    effects: 0,
    conflicts: 4,
  },
  {
    answer: '412 is a conflict too',
    steps: [{ status: 412, ...bump }],
    ends: happened('answer'),
    effects: 1,
    conflicts: 1,
  },
  {
    answer: '409 because the call became private → rejected: call-is-private',
    steps: [{ before: { action: 'make-private' } }],
    ends: { status: 'rejected', reason: 'call-is-private' },
    effects: 0,
  },
  {
    answer: '409 because the caller hung up → rejected: call-ended',
    steps: [{ before: { action: 'hang-up' } }],
    ends: { status: 'rejected', reason: 'call-ended' },
    effects: 0,
    conflicts: 1,
  },
  {
    answer: '409 because someone else moved the call → rejected: call-moved',
    steps: ({ elsewhere }) => [{ before: { action: 'move', target: { type: 'queue', id: elsewhere } } }],
    ends: { status: 'rejected', reason: 'call-moved' },
    effects: 0,
    conflicts: 1,
  },
  {
    answer: '401 once → one new token, once more, transferred',
    steps: [{ status: 401 }],
    ends: happened('answer'),
    effects: 1,
  },
  {
    answer: '401 twice → delayed like a 5xx, then transferred',
    steps: [{ status: 401, times: 2 }],
    ends: happened('answer'),
    effects: 1,
  },
  {
    answer: '403 → rejected: forbidden',
    steps: [{ status: 403, body: { code: 'missing.permissions', message: 'scope voice:call:transfer' } }],
    ends: {
      status: 'rejected',
      reason: 'forbidden',
      detail: 'the platform answered 403 (missing.permissions: scope voice:call:transfer)',
    },
    effects: 0,
  },
  {
    answer: '400 → rejected: refused-by-platform with its message',
    steps: [{ status: 400, body: { code: 'bad.target', message: 'no such place' } }],
    ends: {
      status: 'rejected',
      reason: 'refused-by-platform',
      detail: 'the platform answered 400 (bad.target: no such place)',
    },
    effects: 0,
  },
  {
    answer: '404 → rejected: refused-by-platform',
    steps: [{ status: 404 }],
    ends: { status: 'rejected', reason: 'refused-by-platform' },
    effects: 0,
  },
  {
    answer: '503 without the effect → delayed, compared, resent',
    steps: [{ status: 503 }],
    ends: happened('answer'),
    effects: 1,
  },
  {
    answer: '503 with the effect → found by reading, never resent',
    steps: [{ status: 503, effect: true }],
    ends: happened('reading'),
    effects: 1,
  },
  {
    answer: '500 four times → transferred at the last retry',
    steps: [{ status: 500, times: 4 }],
    ends: happened('answer'),
    effects: 1,
  },
  {
    answer: '503 permanently → failed: platform-unavailable, once proven',
    steps: [{ status: 503, times: 99 }],
    ends: { status: 'failed', reason: 'platform-unavailable' },
    effects: 0,
  },
  {
    answer: '503 permanently, the last with the effect → transferred',
    steps: [
      { status: 503, times: 4 },
      { status: 503, effect: true, times: 99 },
    ],
    ends: happened('reading'),
    effects: 1,
  },
  {
    answer: 'no answer, with the effect → found by reading',
    steps: [{ drop: 'after' }],
    ends: happened('reading'),
    effects: 1,
  },
  {
    answer: 'no answer, without the effect → resent',
    steps: [{ drop: 'before' }],
    ends: happened('answer'),
    effects: 1,
  },
  {
    answer: 'a time-out, with the effect → found by reading',
    steps: [{ hang: 'after' }],
    ends: happened('reading'),
    effects: 1,
  },
  {
    answer: 'a time-out, without the effect → resent',
    steps: [{ hang: 'before' }],
    ends: happened('answer'),
    effects: 1,
  },
  {
    answer: 'a redirect is a server error → resent',
    steps: [{ status: 302, headers: { location: '/' } }],
    ends: happened('answer'),
    effects: 1,
  },
];

describe('the effect is answered with', () => {
  test.concurrent.each(table)('$answer', async ({ steps, ends, effects, conflicts }) => {
    const subject = createSubject(world.sandbox);
    const made = typeof steps === 'function' ? steps(subject) : steps;
    world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: made });
    const id = await world.submit(requestFor(subject));
    const { record, timeline } = await world.outcome(id);
    expect(record.outcome).toMatchObject(ends);
    expect(world.effects(subject.callId)).toHaveLength(effects);
    if (conflicts !== undefined) expect(record.conflicts).toBe(conflicts);
    expect(timeline.at(-1)?.step).toBe('outcome');
    const listed = (await world.store.deadLetters()).some((letter) => letter.record.id === id);
    expect(listed).toBe(ends.status === 'failed');
  });
});

test('a 5xx is never retried at once: first after the delay, doubling, with jitter up to a fifth', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ status: 503, times: 3 }] });
  const { timeline } = await world.outcome(await world.submit(requestFor(subject)));
  const waits = timeline
    .filter(({ step }) => step === 'waiting')
    .map(({ at, decided }) => Date.parse(decided?.split('until ')[1] ?? '') - at);
  const first = world.config.policy.serverErrorRetryDelayMs;
  expect(waits).toHaveLength(3);
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(first * 2 ** index - 2);
    expect(wait).toBeLessThanOrEqual(first * 2 ** index * 1.2 + 2);
  }
  const sent = timeline.filter(({ step }) => step === 'intent').map(({ at }) => at);
  for (const [index, wait] of waits.entries())
    expect((sent[index + 1] ?? 0) - (sent[index] ?? 0)).toBeGreaterThanOrEqual(wait);
});

test('while a 5xx leaves the effect in doubt, the transfer is unconfirmed and never failed', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'transfer', id: subject.callId, steps: [{ status: 503 }] });
  const id = await world.submit(requestFor(subject));
  const waiting = await world.until(id, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
  expect(waiting.record.status).toBe('unconfirmed');
  expect((await world.store.counts()).unconfirmed).toBeGreaterThan(0);
  expect((await world.outcome(id)).record.status).toBe('transferred');
});

// Workers of its own: of those above, one may have had two tokens refused, and replaces none for a minute (docs/rules.md).
test('one request renews an expired token, however many transfers need it', async () => {
  const fresh = await openWorld({ env: UNHURRIED, workers: 2 });
  onTestFinished(() => fresh.close());
  const subjects = Array.from({ length: 20 }, () => createSubject(fresh.sandbox));
  await fresh.outcome(await fresh.submit(requestFor(createSubject(fresh.sandbox))));
  const before = fresh.sandbox.requests.counts().token;
  fresh.sandbox.expireTokens();
  const ids = await Promise.all(subjects.map((subject) => fresh.submit(requestFor(subject))));
  for (const id of ids) expect((await fresh.outcome(id)).record.outcome).toMatchObject(happened('answer'));
  expect(fresh.sandbox.requests.counts().token - before).toBe(1);
});
