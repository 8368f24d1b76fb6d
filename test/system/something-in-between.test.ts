import type { Outcome } from '@handover/core/transfer';
import type { Sandbox } from '@handover/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSubject, requestFor, type Subject } from '../support/subject.ts';
import { openWorld, type World } from '../support/world.ts';

/** A proxy, a firewall or a maintenance page answers instead of the platform; it is never trusted (docs/rules.md). */
let world: World;
beforeAll(async () => {
  const patient = { GENESYS_TIMEOUT_MS: '5000', SETTLE_WINDOW_MS: '5200' };
  world = await openWorld({
    env: { ...patient, BILLING_SYNTHESIZE: 'true', SERVER_ERROR_MAX_RETRIES: '3' },
  });
});
afterAll(() => world.close());

type Step = Parameters<Sandbox['addScript']>[0]['steps'][number];
type Operation = 'user' | 'call' | 'queue' | 'transfer';

const page = (status: number): Step => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<html><title>Just a moment...</title></html>',
});
const text = (status: number): Step => ({ status, body: 'OK' });
const empty = (status: number): Step => ({ status, body: '' });
const json = (status: number): Step => ({ status, body: { status: 'maintenance' } });
const list = (status: number): Step => ({ status, body: [] });
const another = (status: number): Step => ({
  status,
  body: { id: 'another', state: 'open', privacy: false, etag: '"1"', roles: [] },
});

function script(subject: Subject, operation: Operation, ...steps: Step[]): void {
  const { userId, callId, target } = subject;
  const id = { user: userId, call: callId, queue: target, transfer: callId }[operation];
  world.sandbox.addScript({ operation, id, steps });
}

const between = (status: number) => `${status} from something in between`;
const transferred = { status: 'transferred', isFallback: false } as const;

describe.concurrent('an intermediary answers the effect without forwarding it', () => {
  test.each([
    page(200),
    text(200),
    empty(200),
    json(200),
    list(200),
    another(200),
    json(202),
    empty(204),
    empty(301),
    page(401),
    page(403),
    json(404),
    text(409),
    page(412),
    page(500),
    empty(503),
  ])('with %j: read, and resent', async (step) => {
    const subject = createSubject(world.sandbox);
    script(subject, 'transfer', step);
    const id = await world.submit(requestFor(subject, { fallback: true }));
    const { record, timeline } = await world.outcome(id);
    expect(record.outcome).toMatchObject({ ...transferred, confirmedBy: 'answer' });
    expect(record.conflicts).toBe(0);
    expect(world.effects(subject.callId)).toHaveLength(1);
    const first = timeline.find((entry) => entry.step === 'sent');
    expect(first?.detail).toMatch(between(step.status ?? 0));
    expect(first?.decided).toBeUndefined();
    // In doubt until a reading shows it.
    const waiting = timeline.find((entry) => entry.step === 'waiting');
    expect(waiting?.decided).toMatch(/^unconfirmed until/);
    expect(timeline.findIndex(({ step: one }) => one === 'compared')).toBeGreaterThan(0);
  });

  test.each([200, 403])('permanently, with %i: failed once proven; nothing is billed', async (status) => {
    const subject = createSubject(world.sandbox);
    script(subject, 'transfer', { ...page(status), times: 99 });
    const id = await world.submit(requestFor(subject));
    const { record } = await world.outcome(id);
    expect(record.outcome).toMatchObject({
      status: 'failed',
      reason: 'platform-unavailable',
      detail: expect.stringMatching(between(status)),
    });
    expect(world.effects(subject.callId)).toHaveLength(0);
    expect(await world.redis.zscore(world.store.keys.expected, id)).toBeNull();
    expect(await world.redis.exists(world.store.keys.bill(id))).toBe(0);
  });
});

describe.concurrent('the effect happened, and an intermediary answered', () => {
  test.each([page(200), json(200), another(200), json(202), empty(204), page(403), text(409), page(503)])(
    '%j: found by reading, and never resent',
    async (step) => {
      const subject = createSubject(world.sandbox);
      script(subject, 'transfer', { ...step, effect: true });
      const { record, timeline } = await world.outcome(await world.submit(requestFor(subject)));
      expect(record.outcome).toMatchObject({ ...transferred, confirmedBy: 'reading' });
      expect(world.effects(subject.callId)).toHaveLength(1);
      expect(timeline.filter(({ step: one }) => one === 'sent')).toHaveLength(1);
      // A 2xx has probably happened: one immediate reading, no wait.
      const waits = timeline.filter(({ step: one }) => one === 'waiting').length;
      expect(waits).toBe((step.status ?? 0) < 300 ? 0 : 1);
    },
  );
});

const reads: [Operation, Step][] = (['user', 'call', 'queue'] as const).flatMap((operation) =>
  [page(200), json(202), another(200), page(401), json(403), page(404), empty(503)].map(
    (step): [Operation, Step] => [operation, step],
  ),
);

describe.concurrent('an intermediary answers a read', () => {
  test.each(reads)('%s with %j: delayed, no rejection and no fallback', async (operation, step) => {
    const subject = createSubject(world.sandbox);
    script(subject, operation, step);
    const id = await world.submit(requestFor(subject, { fallback: true }));
    const { record, timeline } = await world.outcome(id);
    expect(record.outcome).toMatchObject({ ...transferred, confirmedBy: 'answer' });
    expect(world.effects(subject.callId)).toMatchObject([{ target: { id: subject.target } }]);
    const waiting = timeline.find((entry) => entry.step === 'waiting');
    expect(waiting).toMatchObject({ decided: expect.stringMatching(/^delayed until/) });
    expect(waiting?.rule).toMatch(between(step.status ?? 0));
  });

  test('the fallback with a 404: delayed, then used', async () => {
    const subject = createSubject(world.sandbox);
    world.sandbox.putQueue(subject.target, { state: 'closed' });
    world.sandbox.addScript({ operation: 'queue', id: subject.fallback, steps: [page(404)] });
    const { record } = await world.outcome(await world.submit(requestFor(subject, { fallback: true })));
    expect(record.outcome).toMatchObject({ status: 'transferred', isFallback: true });
    expect(record.serverErrors).toBe(1);
  });

  test('the target permanently: failed, not "target-unavailable", and never the fallback', async () => {
    const subject = createSubject(world.sandbox);
    script(subject, 'queue', { ...page(404), times: 99 });
    const { record } = await world.outcome(await world.submit(requestFor(subject, { fallback: true })));
    const ends: Partial<Outcome> = { status: 'failed', reason: 'platform-unavailable' };
    expect(record.outcome).toMatchObject(ends);
    expect(world.effects(subject.callId)).toHaveLength(0);
  });
});

test('a normal transfer costs no additional requests', async () => {
  const subject = createSubject(world.sandbox);
  await world.outcome(await world.submit(requestFor(createSubject(world.sandbox))));
  const { timeline } = await world.outcome(await world.submit(requestFor(subject)));
  const asked = timeline.flatMap(({ requests = [] }) => requests.map(({ operation }) => operation));
  expect(asked.sort()).toEqual(['call', 'queue', 'transfer', 'user']);
});

test('token answers of an intermediary are retried, and its 401s drop no token', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({ operation: 'token', steps: [page(200), json(401)] });
  world.sandbox.expireTokens();
  script(subject, 'call', page(401));
  const before = world.sandbox.requests.counts().token;
  const { record } = await world.outcome(await world.submit(requestFor(subject)));
  expect(record.outcome).toMatchObject(transferred);
  expect(world.sandbox.requests.counts().token - before).toBe(3);
});

test('a 429 of an intermediary to the effect makes all workers hold off and leaves doubt', async () => {
  const subject = createSubject(world.sandbox);
  script(subject, 'transfer', { ...page(429), effect: true });
  const { record, timeline } = await world.outcome(await world.submit(requestFor(subject)));
  expect(record.outcome).toMatchObject({ ...transferred, confirmedBy: 'reading' });
  expect(record).toMatchObject({ attempts: 1, serverErrors: 0 });
  expect(timeline.find(({ step }) => step === 'waiting')?.decided).toMatch(/^hold off until/);
  expect(world.effects(subject.callId)).toHaveLength(1);
});

describe.concurrent('a 5xx with Retry-After is not retried before', () => {
  const told: Step = { status: 503, headers: { 'retry-after': '1' } };
  const rows: [string, Operation, Step[]][] = [
    ['a read of the agent', 'user', [told]],
    ['a read of the call', 'call', [told]],
    ['a read of the target, without a fallback', 'queue', [told]],
    ['a read, by something in between', 'call', [{ ...told, body: '<html>' }]],
    ['a read, with 500', 'user', [{ ...told, status: 500 }]],
    ['the effect', 'transfer', [told]],
    ['the effect that happened', 'transfer', [{ ...told, effect: true }]],
    ['the effect, by something in between', 'transfer', [{ ...told, body: '<html>' }]],
  ];
  test.each(rows)('%s', async (_, operation, steps) => {
    const subject = createSubject(world.sandbox);
    script(subject, operation, ...steps);
    const { record } = await world.outcome(await world.submit(requestFor(subject)));
    expect(record.outcome).toMatchObject(transferred);
    expect(record.serverErrors).toBe(1);
    const { userId, callId, target } = subject;
    const id = { user: userId, call: callId, queue: target, transfer: callId }[operation];
    const asked = world.sandbox.requests.entries().filter((one) => one.id === id);
    const refused = asked.findIndex(({ status }) => (status ?? 0) >= 500);
    expect((asked[refused + 1]?.at ?? 0) - (asked[refused]?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  test('the call, while the effect is in doubt: the reading waits too', async () => {
    const subject = createSubject(world.sandbox);
    script(subject, 'transfer', { ...page(200), effect: true });
    script(subject, 'call', {}, told);
    const { record } = await world.outcome(await world.submit(requestFor(subject)));
    expect(record.outcome).toMatchObject({ ...transferred, confirmedBy: 'reading' });
    const asked = world.sandbox.requests.entries().filter(({ id }) => id === subject.callId);
    const reads = asked.filter(({ operation }) => operation === 'call').map(({ at }) => at);
    expect(reads).toHaveLength(3);
    expect((reads[2] ?? 0) - (reads[1] ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  test('the call, while a reading proves nothing: the next one waits longer than its interval', async () => {
    const subject = createSubject(world.sandbox);
    script(subject, 'transfer', { status: 503, effect: true });
    script(subject, 'call', {}, { ...told, headers: { 'retry-after': '4' } });
    const { record } = await world.outcome(await world.submit(requestFor(subject)));
    expect(record.outcome).toMatchObject({ ...transferred, confirmedBy: 'reading' });
    const asked = world.sandbox.requests.entries().filter(({ id }) => id === subject.callId);
    const reads = asked.filter(({ operation }) => operation === 'call').map(({ at }) => at);
    expect((reads[2] ?? 0) - (reads[1] ?? 0)).toBeGreaterThanOrEqual(4_000);
  });

  test('past the deadline: expired now', async () => {
    const subject = createSubject(world.sandbox);
    script(subject, 'call', { status: 503, headers: { 'retry-after': '120' } });
    const expiresAt = Date.now() + 60_000;
    const { record } = await world.outcome(await world.submit(requestFor(subject, { expiresAt })));
    expect(record.outcome).toMatchObject({
      status: 'expired',
      detail: expect.stringContaining('retry after 120 s'),
    });
  });
});

test('no transfer requests a token before the Retry-After of the token endpoint', async () => {
  const subjects = Array.from({ length: 3 }, () => createSubject(world.sandbox));
  world.sandbox.addScript({
    operation: 'token',
    steps: [{ status: 503, headers: { 'retry-after': '2' } }],
  });
  world.sandbox.expireTokens();
  const before = world.sandbox.requests.counts().token;
  const ids = await Promise.all(subjects.map((subject) => world.submit(requestFor(subject))));
  for (const id of ids) expect((await world.outcome(id)).record.outcome).toMatchObject(transferred);
  expect(world.sandbox.requests.counts().token - before).toBe(2);
  const tokens = world.sandbox.requests.entries().filter(({ operation }) => operation === 'token');
  const [refused, given] = tokens.slice(-2);
  expect((given?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
});
