import { randomBytes, randomUUID } from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CollectedSpan, KIND, startCollector } from '../support/collector.ts';
import { type FaultWorld, openFaultWorld, type Process } from '../support/processes.ts';
import { ordinaryBody } from '../support/upstream.ts';

const QUICKLY = { OTEL_BSP_SCHEDULE_DELAY: '50' };
const OPERATORS = { ADMIN_USER: 'ops', ADMIN_PASSWORD: 'hush-hush-admin' };
const AS_OPERATOR = `Basic ${Buffer.from('ops:hush-hush-admin').toString('base64')}`;

type Answer = { id: string; timeline: { step: string; traceId?: string | undefined }[] };
type Line = { msg: string; level: number; transfer?: string; traceId?: string; reqId?: string };

let collector: Awaited<ReturnType<typeof startCollector>>;
let faults: FaultWorld;
let api: Process;
let worker: Process;
/** The headers of every request to the sandbox. */
const heard: IncomingMessage['headers'][] = [];
const hear = (message: unknown) => {
  const { request } = message as { request: IncomingMessage };
  if (request.url?.startsWith('/api/v2/')) heard.push(request.headers);
};

beforeAll(async () => {
  diagnostics.subscribe('http.server.request.start', hear);
  collector = await startCollector();
  faults = await openFaultWorld({
    ...{ ...QUICKLY, ...OPERATORS, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    SERVER_ERROR_MAX_RETRIES: '1',
    // The spans are counted, so a busy machine has time to answer.
    ...{ GENESYS_TIMEOUT_MS: '30000', SETTLE_WINDOW_MS: '31000', UNCONFIRMED_MAX_MS: '60000' },
  });
  api = await faults.processes.startReady('api');
  worker = await faults.processes.startReady('worker');
});
afterAll(async () => {
  diagnostics.unsubscribe('http.server.request.start', hear);
  await faults?.close();
  await collector?.close();
});

/** A caller's own trace: its id, the id of its span, and the header. */
function callersTrace(flags = '01') {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, header: { traceparent: `00-${traceId}-${spanId}-${flags}` } };
}

async function submit(url: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as Answer;
}

const post = (body: object, headers?: Record<string, string>) =>
  submit(`${api.url}/api/transfers`, body, headers);

/** The spans of a trace once it has this many ended attempts, with the API requests. */
const traceWith = (traceId: string, attempts: number) =>
  collector.until((spans) => {
    const trace = spans.filter((span) => span.traceId === traceId);
    const ended = ofKind(trace, 'consumer').length === attempts && ofKind(trace, 'server').length > 0;
    return ended ? trace : undefined;
  });

const ofKind = (spans: CollectedSpan[], kind: keyof typeof KIND) =>
  spans.filter((span) => span.kind === KIND[kind]);

function only<T>(list: T[]): T {
  expect(list).toHaveLength(1);
  return list[0] as T;
}

const linesOf = (process: Process): Line[] =>
  process
    .lastLines(100_000)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

const traceIdOfTimeline = ({ timeline }: { timeline: Answer['timeline'] }) =>
  timeline.find(({ step }) => step === 'accepted')?.traceId;

describe('a transfer is one trace', () => {
  test('from the POST through the queue to each Genesys request, in the trace of the caller', async () => {
    const caller = callersTrace();
    const body = ordinaryBody(faults.world);
    const { id } = await post(body, caller.header);
    const trace = await traceWith(caller.traceId, 1);

    const server = only(ofKind(trace, 'server'));
    const producer = only(ofKind(trace, 'producer'));
    const consumer = only(ofKind(trace, 'consumer'));
    const clients = ofKind(trace, 'client');
    expect(server).toMatchObject({ service: 'handover-api', parentSpanId: caller.spanId, isError: false });
    expect(server.attributes).toMatchObject({
      ...{ 'http.request.method': 'POST', 'http.route': '/api/transfers' },
      ...{ 'http.response.status_code': 202, 'handover.actor': 'apiKey:anonymous' },
    });
    expect(producer).toMatchObject({ service: 'handover-api', parentSpanId: server.spanId });
    expect(producer.attributes).toMatchObject({
      ...{ 'messaging.system': 'bullmq', 'messaging.destination.name': 'transfers' },
      ...{ 'messaging.message.id': id, 'handover.call.id': body.callId },
    });
    expect(consumer).toMatchObject({ service: 'handover-worker', parentSpanId: producer.spanId });
    expect(consumer.attributes).toMatchObject({
      ...{ 'messaging.operation.type': 'process', 'handover.transfer.id': id },
      ...{ 'handover.attempt': 1, 'handover.outcome': 'transferred', 'handover.next': 'done' },
    });
    expect(clients.map(({ name }) => name).sort()).toEqual([
      'GET call',
      'GET queue',
      'GET user',
      'POST transfer',
    ]);
    for (const client of clients) {
      expect(client).toMatchObject({ service: 'handover-worker', parentSpanId: consumer.spanId });
      expect(client.attributes).toMatchObject({ 'http.response.status_code': 200 });
      expect(client.startMs).toBeGreaterThanOrEqual(consumer.startMs);
      expect(client.endMs).toBeGreaterThan(client.startMs);
    }
    expect(trace).toHaveLength(7);
  });

  test('timeline and logs of both processes have its id', async () => {
    const { traceId, header } = callersTrace();
    const { id } = await post(ordinaryBody(faults.world), { ...header, 'x-request-id': traceId });
    await traceWith(traceId, 1);
    const shown = await fetch(`${api.url}/api/transfers/${id}`);
    expect(traceIdOfTimeline((await shown.json()) as Answer)).toBe(traceId);
    const request = linesOf(api).find(({ msg, reqId }) => msg === 'request.answered' && reqId === traceId);
    expect(request).toMatchObject({ traceId });
    const attempted = linesOf(worker).find(
      ({ msg, transfer }) => msg === 'transfer.attempted' && transfer === id,
    );
    expect(attempted).toMatchObject({ traceId });
  });

  test('an invalid header starts a trace; an unsampled one leaves no spans, and keeps its id', async () => {
    const unsampled = callersTrace('00');
    const quiet = await post(ordinaryBody(faults.world), unsampled.header);
    expect(traceIdOfTimeline(await faults.world.outcome(quiet.id))).toBe(unsampled.traceId);
    const own = await post(ordinaryBody(faults.world), { traceparent: '00-nonsense-01' });
    const traceId = traceIdOfTimeline(await faults.world.outcome(own.id)) ?? '';
    const trace = await traceWith(traceId, 1);
    expect(only(ofKind(trace, 'server')).parentSpanId).toBe('');
    expect(collector.spans.filter((span) => span.traceId === unsampled.traceId)).toEqual([]);
  });

  test('with all attempts as siblings', async () => {
    const { traceId, header } = callersTrace();
    const body = ordinaryBody(faults.world);
    faults.world.sandbox.addScript({ operation: 'call', id: body.callId, steps: [{ status: 503 }] });
    await post(body, header);
    const trace = await traceWith(traceId, 2);
    const producer = only(ofKind(trace, 'producer'));
    const attempts = ofKind(trace, 'consumer').sort((a, b) => a.startMs - b.startMs);
    expect(attempts.map(({ parentSpanId }) => parentSpanId)).toEqual([producer.spanId, producer.spanId]);
    expect(attempts.map(({ isError }) => isError)).toEqual([true, false]);
    expect(attempts[0]?.attributes).toMatchObject({ 'error.type': 'server-error', 'handover.next': 'sleep' });
    const refused = only(ofKind(trace, 'client').filter(({ isError }) => isError));
    expect(refused).toMatchObject({ name: 'GET call', parentSpanId: attempts[0]?.spanId });
    expect(refused.attributes).toMatchObject({ 'error.type': '503', 'http.response.status_code': 503 });
  });

  test('a replayed dead letter continues its trace, and the replay links to it', async () => {
    const { traceId, header } = callersTrace();
    const body = ordinaryBody(faults.world);
    const steps = [{ status: 503, times: 2 }];
    faults.world.sandbox.addScript({ operation: 'call', id: body.callId, steps });
    const { id } = await post(body, header);
    expect((await faults.world.outcome(id)).record.status).toBe('failed');
    const replay = callersTrace();
    const url = `${api.url}/api/dead-letters/${id}/replay`;
    await submit(url, { reason: 'again' }, { ...replay.header, authorization: AS_OPERATOR });
    const trace = await traceWith(traceId, 3);
    expect(new Set(ofKind(trace, 'consumer').map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
    const server = await collector.until((spans) => spans.find((span) => span.traceId === replay.traceId));
    expect(server).toMatchObject({ name: 'POST /api/dead-letters/:id/replay', links: [traceId] });
  });

  test('a batch is one trace with a branch for each transfer', async () => {
    const { traceId, header } = callersTrace();
    const transfers = [ordinaryBody(faults.world), { callId: 'bad' }, ordinaryBody(faults.world)];
    await submit(`${api.url}/api/transfers/batch`, { transfers }, header);
    const trace = await traceWith(traceId, 2);
    const producers = ofKind(trace, 'producer').map(({ spanId }) => spanId);
    const parents = ofKind(trace, 'consumer').map(({ parentSpanId }) => parentSpanId);
    expect(new Set(parents)).toEqual(new Set(producers));
    expect(producers).toHaveLength(2);
  });

  test('Genesys gets no trace header, and no span contains a secret, agent or metadata', async () => {
    heard.length = 0;
    const { traceId, header } = callersTrace();
    const body = { ...ordinaryBody(faults.world), metadata: { phone: '+49 30 1234567' } };
    await post(body, { ...header, tracestate: 'vendor=x', baggage: 'who=jane' });
    await traceWith(traceId, 1);
    expect(heard).toHaveLength(4);
    const named = heard.flatMap((headers) => Object.keys(headers));
    expect(named.filter((name) => /^(traceparent|tracestate|baggage|b3)$/.test(name))).toEqual([]);
    const told = collector.text();
    expect(told).toContain('POST transfer');
    expect(told).not.toMatch(/test-secret|hush-hush|Bearer|Basic |1234567|"agent"|\/api\/v2/);
  });
});

test('a lost job is re-added with its trace, by a repeat or by the sweep', async () => {
  const { world, processes } = faults;
  const first = callersTrace();
  const key = { 'idempotency-key': randomUUID() };
  await worker.stop();
  const body = ordinaryBody(world);
  const { id } = await post(body, { ...first.header, ...key });
  await world.queue.remove(id);
  await post(body, { ...callersTrace().header, ...key });
  expect((await world.queue.getJob(id))?.data.traceparent).toContain(first.traceId);

  await world.queue.remove(id);
  worker = await processes.startReady('worker');
  const trace = await traceWith(first.traceId, 1);
  const producer = only(ofKind(trace, 'producer'));
  expect(only(ofKind(trace, 'consumer')).parentSpanId).toBe(producer.spanId);
  const restored = linesOf(worker).find(({ msg, transfer }) => msg === 'job.restored' && transfer === id);
  expect(restored).toMatchObject({ traceId: first.traceId });
});

test('pending spans are exported when the processes stop', async () => {
  const { world, processes } = faults;
  const late = { OTEL_BSP_SCHEDULE_DELAY: '60000', OTEL_SERVICE_NAME: 'another-name' };
  await worker.stop();
  const lateApi = await processes.startReady('api', undefined, late);
  const lateWorker = await processes.startReady('worker', undefined, late);
  const { traceId, header } = callersTrace();
  const { id } = await submit(`${lateApi.url}/api/transfers`, ordinaryBody(world), header);
  await world.outcome(id);
  expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  for (const process of [lateApi, lateWorker]) {
    process.kill('SIGTERM');
    expect(await process.exited).toBe('ended with exit code 0');
  }
  const trace = await traceWith(traceId, 1);
  expect(new Set(trace.map(({ service }) => service))).toEqual(new Set(['another-name']));
  expect(trace).toHaveLength(7);
});
