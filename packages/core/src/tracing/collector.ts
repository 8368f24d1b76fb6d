import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../log/log.ts';
import type { Tracing } from './spans.ts';

const FLUSH_MS = 1_500;
/** `ExportResultCode.SUCCESS` of @opentelemetry/core. */
const SUCCESS = 0;

/** Creates the tracer. It exports spans to the collector in batches, without delaying the traced code. */
export function connectCollector(service: string, log: Pick<Logger, 'info' | 'warn'>) {
  const health = tellOnce(log);
  const exporter = new OTLPTraceExporter();
  const observed: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code === SUCCESS) health.well();
        else health.lost(result.error?.message ?? 'unknown reason');
        // On a failure the processor would call the global error handler of the process.
        done({ code: SUCCESS });
      }),
    shutdown: () => exporter.shutdown(),
  };
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': service }))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(observed)],
  });

  return {
    tracer: provider.getTracer('handover'),
    async close(): ReturnType<Tracing['close']> {
      const flushed = provider.shutdown().then(
        () => 'flushed' as const,
        () => 'gave-up' as const,
      );
      const how = await Promise.race([flushed, sleep(FLUSH_MS, 'gave-up' as const, { ref: false })]);
      if (how === 'gave-up') health.lost(`no answer within ${FLUSH_MS} ms of stopping`);
      return how;
    },
  };
}

/** Logs once when spans are lost, and once when they arrive again. */
function tellOnce(log: Pick<Logger, 'info' | 'warn'>) {
  let isLost = false;
  return {
    lost(reason: string): void {
      if (!isLost) log.warn({ reason }, 'tracing.spans-lost');
      isLost = true;
    },
    well(): void {
      if (isLost) log.info('tracing.spans-arrive');
      isLost = false;
    },
  };
}
