import { EventEmitter, once } from 'node:events';
import { createLog } from '@handover/core/log';
import { TransferJob } from '@handover/core/redis';
import { openTracing, type Tracing } from '@handover/core/tracing';
import type { AttemptReport } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CollectedSpan, KIND, startCollector } from '../support/collector.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const SENT = { method: 'GET', url: 'https://api.example.org/api/v2/x', at: Date.now(), ms: 1.5 } as const;
const NOTE = { operation: 'call', status: 200, ms: 2 };
const OUTCOME_FACTS = { acceptedAt: 0, settledAt: 1 };

let collector: Awaited<ReturnType<typeof startCollector>>;
let tracing: Tracing;
const warnings: string[] = [];
beforeAll(async () => {
  collector = await startCollector();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '10');
  const log = createLog('worker', 'info', { write: (line) => void warnings.push(JSON.parse(line).msg) });
  const opened = await openTracing({ isOn: true }, 'test', log);
  if (opened === undefined) throw new Error('tracing could not be opened');
  tracing = opened;
});
afterAll(async () => {
  await tracing.close();
  vi.unstubAllEnvs();
  await collector.close();
});

function reportOf(next: AttemptReport['next'], change: Partial<AttemptReport> = {}): AttemptReport {
  return { id: 't', attempt: 1, next, requests: [], retries: [], conflicts: 0, ms: 1, ...change };
}
const DONE = reportOf({ do: 'done', outcome: { status: 'transferred' }, facts: OUTCOME_FACTS });

const job = (transfer: string) => ({ transfer, queue: 'q', worker: 'w', traceparent: TRACEPARENT });

/** The span of the attempt of this transfer, once exported. */
const attemptOf = (transfer: string) =>
  collector.until((spans) =>
    spans.find(
      ({ kind, attributes }) => kind === KIND.consumer && attributes['messaging.message.id'] === transfer,
    ),
  );

const childrenOf = ({ spanId }: CollectedSpan) =>
  collector.spans.filter(({ parentSpanId }) => parentSpanId === spanId);

test('rethrows an error of an attempt, and records it in the span', async () => {
  const thrown = new RangeError('Redis is gone');
  await expect(tracing.attempt(job('throws'), () => Promise.reject(thrown))).rejects.toBe(thrown);
  const span = await attemptOf('throws');
  expect(span).toMatchObject({ isError: true, parentSpanId: '00f067aa0ba902b7' });
  expect(span.attributes['error.type']).toBe('RangeError');
  expect(collector.text()).not.toContain('Redis is gone');
});

test.each([
  [
    'fails',
    reportOf({ do: 'done', outcome: { status: 'failed', reason: 'conflict' }, facts: OUTCOME_FACTS }),
    'conflict',
  ],
  ['is left to an operator', reportOf({ do: 'park' }), 'park'],
  ['gets no answer', reportOf({ do: 'sleep', until: 1, inMs: 1 }, { retries: ['no-answer'] }), 'no-answer'],
  [
    'is rejected',
    reportOf({ do: 'done', outcome: { status: 'rejected', reason: 'call-ended' }, facts: OUTCOME_FACTS }),
    undefined,
  ],
  ['must wait', reportOf({ do: 'hold', until: 1, inMs: 1 }, { retries: ['hold-off'] }), undefined],
])('one that %s is an error or not', async (name, report, type) => {
  expect(await tracing.attempt(job(name), async () => report)).toBe(report);
  const span = await attemptOf(name);
  expect(span.isError).toBe(type !== undefined);
  expect(span.attributes['error.type']).toBe(type);
});

test('requests belong to the attempt that sent them, and to none outside of one', async () => {
  tracing.requested({ ...NOTE, operation: 'token' }, SENT);
  const underWay = new EventEmitter();
  let waiting = 2;
  const run = (operation: string) => async () => {
    waiting -= 1;
    if (waiting > 0) await once(underWay, 'both');
    else underWay.emit('both');
    tracing.requested({ ...NOTE, operation }, SENT);
    return DONE;
  };
  await Promise.all(['a', 'b'].map((name) => tracing.attempt(job(name), run(name))));
  for (const name of ['a', 'b'])
    expect(childrenOf(await attemptOf(name)).map((span) => span.name)).toEqual([`GET ${name}`]);
  expect(collector.spans.filter(({ name }) => name === 'GET token')).toEqual([]);
});

test('a request without an answer is an error, with its times and only the host', async () => {
  await tracing.attempt(job('unanswered'), async () => {
    tracing.requested({ ...NOTE, status: null }, SENT);
    return DONE;
  });
  const [request] = childrenOf(await attemptOf('unanswered'));
  expect(request).toMatchObject({ isError: true, attributes: { 'error.type': 'no-answer' } });
  expect(request?.attributes).toMatchObject({ 'server.address': 'api.example.org', 'server.port': 443 });
  expect((request?.endMs ?? 0) - (request?.startMs ?? 0)).toBeCloseTo(1.5, 1);
});

test('a wake-up that starts no attempt leaves no span', async () => {
  await tracing.attempt(job('early'), async () =>
    reportOf({ do: 'nothing', why: 'settled' }, { attempt: 0 }),
  );
  await tracing.attempt(job('after it'), async () => DONE);
  await attemptOf('after it');
  const transfers = collector.spans.map(({ attributes }) => attributes['messaging.message.id']);
  expect(transfers).not.toContain('early');
});

test('an error in tracing is one warning, and does not fail the attempt', async () => {
  const report = await tracing.attempt(job('mistaken'), async () => {
    tracing.requested(NOTE, { ...SENT, url: 'no URL' });
    tracing.requested(NOTE, { ...SENT, url: 'none either' });
    return DONE;
  });
  expect(report).toBe(DONE);
  expect((await attemptOf('mistaken')).isError).toBe(false);
  expect(warnings).toEqual(['tracing.failed']);
});

test('a disconnected client is an error of its request, and a refused submission leaves no span', async () => {
  const request = { method: 'POST', route: '/r', path: '/r', actor: undefined, traceparent: undefined };
  const span = tracing.serve(request);
  span?.send({ transfer: 'refused', call: 'c', queue: 'q' });
  span?.end(null);
  const served = await collector.until((spans) => spans.find(({ kind }) => kind === KIND.server));
  expect(served).toMatchObject({ name: 'POST /r', isError: true, parentSpanId: '' });
  expect(childrenOf(served)).toEqual([]);
});

test.each([
  ['a number', 7],
  ['nonsense', '00-nonsense-01'],
])('%s instead of a traceparent costs a job only its trace', async (name, traceparent) => {
  const read = TransferJob.parse({ v: 1, id: name, traceparent });
  await tracing.attempt({ ...job(name), traceparent: read.traceparent }, async () => DONE);
  const span = await attemptOf(name);
  expect(span.parentSpanId).toBe('');
  expect(TRACEPARENT).not.toContain(span.traceId);
});

test('does nothing when off', async () => {
  const log = { info: () => {}, warn: () => {} };
  expect(await openTracing({ isOn: false }, 'test', log)).toBeUndefined();
});
