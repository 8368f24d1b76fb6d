import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startCollector } from '../support/collector.ts';
import { freePort } from '../support/ports.ts';
import { openFaultWorld, type Process } from '../support/processes.ts';
import { ordinaryBody, post } from '../support/upstream.ts';

/** The first batch is sent at once, and the export is given up before the process stops. */
const QUICKLY = { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_EXPORTER_OTLP_TIMEOUT: '300' };

/** A world with one API and one worker, and a transfer that went through both. */
async function runOne(env: Record<string, string>) {
  const { world, processes, close } = await openFaultWorld(env);
  onTestFinished(close);
  const api = await processes.startReady('api');
  const worker = await processes.startReady('worker');
  async function transfer() {
    const reply = await post(`${api.url}/api/transfers`, ordinaryBody(world));
    expect(reply?.status).toBe(202);
    return world.outcome(reply?.body.id ?? '');
  }
  return { world, api, worker, transfer };
}

/** Stops it like an orchestrator. */
async function stop(process: Process): Promise<void> {
  process.kill('SIGTERM');
  expect(await process.exited).toBe('ended with exit code 0');
}

const warningsOf = (process: Process) =>
  process
    .lastLines(100_000)
    .split('\n')
    .filter((line) => /"msg":"tracing\./.test(line))
    .map((line) => JSON.parse(line) as { level: number; msg: string; detail: string });

/** The scripts that Node loaded in all processes that ran with NODE_V8_COVERAGE set to this folder. */
async function loadedScripts(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  const reports = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return reports.flatMap((report) =>
    (JSON.parse(report) as { result: { url: string }[] }).result.map(({ url }) => url),
  );
}

test.for([
  ['off', undefined],
  ['on', 'http://127.0.0.1:9'],
] as const)(
  'with tracing %s, OpenTelemetry and the trace id in the timeline follow',
  async ([state, endpoint]) => {
    const folder = await mkdtemp(join(tmpdir(), 'handover-loaded-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { api, worker, transfer } = await runOne({
      NODE_V8_COVERAGE: folder,
      ...(endpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
    });
    const { record, timeline } = await transfer();
    expect(record.status).toBe('transferred');
    await Promise.all([stop(api), stop(worker)]);
    const scripts = await loadedScripts(folder);
    expect(scripts.filter((url) => url.endsWith('/dist/main.js'))).toHaveLength(2);
    const isOn = state === 'on';
    // The SDK and what uses it are a part of each program of their own, wherever in the bundle they are.
    const texts = await Promise.all(
      scripts.filter((url) => url.includes('/dist/')).map((url) => readFile(new URL(url), 'utf8')),
    );
    for (const ofSdk of [/BatchSpanProcessor/, /OTLPTraceExporter/])
      expect(texts.filter((text) => ofSdk.test(text))).toHaveLength(isOn ? 2 : 0);
    expect(scripts.some((url) => url.includes('/node_modules/@opentelemetry/'))).toBe(false);
    expect(JSON.stringify([record, timeline]).includes('trace')).toBe(isOn);
    expect([api, worker].map((process) => /traceId/.test(process.lastLines(100_000)))).toEqual([isOn, isOn]);
  },
);

test('an unreachable collector causes one warning per process, and affects no transfer', async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const { api, worker, transfer } = await runOne({ ...QUICKLY, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  for (let count = 0; count < 3; count += 1) expect((await transfer()).record.status).toBe('transferred');
  for (const process of [api, worker]) await expect.poll(() => warningsOf(process).length).toBe(1);
  // Batches keep failing, and stopping loses the last one.
  for (let count = 0; count < 3; count += 1) expect((await transfer()).record.status).toBe('transferred');
  for (const process of [api, worker]) {
    await stop(process);
    expect(warningsOf(process)).toEqual([
      expect.objectContaining({ level: 40, msg: 'tracing.spans-lost', reason: expect.any(String) }),
    ]);
  }
});

test('an unresponsive collector delays neither transfers nor a stop', async () => {
  const silent = await startCollector({ isSilent: true });
  onTestFinished(silent.close);
  const { api, worker, transfer } = await runOne({
    // Waiting for this collector would exceed the test time-out.
    ...{
      OTEL_BSP_SCHEDULE_DELAY: '20',
      OTEL_BSP_EXPORT_TIMEOUT: '600000',
      OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
    },
    OTEL_EXPORTER_OTLP_ENDPOINT: silent.url,
  });
  expect((await transfer()).record.status).toBe('transferred');
  await silent.until((spans) => (new Set(spans.map(({ service }) => service)).size === 2 ? true : undefined));
  for (const process of [api, worker]) {
    await stop(process);
    expect(warningsOf(process)).toMatchObject([{ level: 40, msg: 'tracing.spans-lost' }]);
  }
});

test('logs the recovery of the export once', async () => {
  const port = await freePort();
  const { api, worker, transfer } = await runOne({
    ...QUICKLY,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  await transfer();
  for (const process of [api, worker]) await expect.poll(() => warningsOf(process).length).toBe(1);
  const collector = await startCollector({ port });
  onTestFinished(collector.close);
  // On a busy machine spans of the first transfers may be dropped again, which is not logged again.
  for (const process of [api, worker])
    await expect
      .poll(async () => {
        await transfer();
        return warningsOf(process).map(({ msg }) => msg);
      })
      .toEqual(['tracing.spans-lost', 'tracing.spans-arrive']);
});
