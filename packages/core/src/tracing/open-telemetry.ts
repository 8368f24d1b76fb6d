import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Logger } from '../log/log.ts';
import type { AttemptReport } from '../transfer/attempt.ts';
import { connectCollector } from './collector.ts';
import type { Span, Tracing } from './spans.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

/**
 * Our spans, by OpenTelemetry's semantic conventions. Attributes are ids of transfers and calls, closed sets and numbers only:
 * no URL (it may contain an agent's id), no header, no free text of the platform. Parents are passed as values; nothing global is
 * registered.
 */
export function createOpenTelemetry(service: string, log: Pick<Logger, 'info' | 'warn'>): Tracing {
  const { tracer, close } = connectCollector(service, log);
  /** The attempt during which a request to Genesys is sent. */
  const running = new AsyncLocalStorage<Context>();
  let hasFailed = false;

  /** Catches every error of tracing, so that it cannot break the traced code. */
  function safely<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!hasFailed) log.warn({ err: error }, 'tracing.failed');
      hasFailed = true;
      return undefined;
    }
  }

  const handle = (span: OtelSpan): Span => ({
    traceparent: traceparentOf(span),
    end: () => void safely(() => span.end()),
  });

  return {
    serve: (request) =>
      safely(() => {
        const { method, route, path, actor } = request;
        const attributes = {
          'http.request.method': method,
          'http.route': route,
          'url.path': path,
          'url.scheme': 'http',
          ...(actor === undefined ? {} : { 'handover.actor': actor }),
        };
        const parent = remote(request.traceparent);
        const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
        const inside = trace.setSpan(ROOT_CONTEXT, span);
        return {
          traceparent: traceparentOf(span),
          send: ({ transfer, call, queue }) =>
            safely(() => {
              const what = { ...messaging('send', queue, transfer), 'handover.call.id': call };
              return handle(
                tracer.startSpan(`send ${queue}`, { kind: SpanKind.PRODUCER, attributes: what }, inside),
              );
            }),
          link: (transfer, traceparent) =>
            void safely(() => {
              span.setAttribute('handover.transfer.id', transfer);
              const context = trace.getSpanContext(remote(traceparent));
              if (context !== undefined) span.addLink({ context });
            }),
          end: (status) =>
            void safely(() => {
              if (status !== null) span.setAttribute('http.response.status_code', status);
              if (status === null) fail(span, 'client-gone');
              else if (status >= 500) fail(span, String(status));
              span.end();
            }),
        };
      }),

    async attempt({ transfer, queue, worker, traceparent }, run) {
      const span = safely(() => {
        const attributes = { ...messaging('process', queue, transfer), 'messaging.client.id': worker };
        const parent = remote(traceparent);
        return tracer.startSpan(`process ${queue}`, { kind: SpanKind.CONSUMER, attributes }, parent);
      });
      if (span === undefined) return run(undefined);
      try {
        const report = await running.run(trace.setSpan(ROOT_CONTEXT, span), () => run(traceparentOf(span)));
        if (report.attempt > 0) safely(() => endAttempt(span, report));
        return report;
      } catch (error) {
        safely(() => {
          fail(span, error instanceof Error ? error.name : 'unknown');
          span.end();
        });
        throw error;
      }
    },

    requested(note, sent) {
      const parent = running.getStore();
      if (parent === undefined) return;
      safely(() => {
        const { hostname, port, protocol } = new URL(sent.url);
        const attributes = {
          'http.request.method': sent.method,
          'server.address': hostname,
          'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
          'handover.operation': note.operation,
          ...(note.status === null ? {} : { 'http.response.status_code': note.status }),
        };
        const options = { kind: SpanKind.CLIENT, startTime: sent.at, attributes };
        const span = tracer.startSpan(`${sent.method} ${note.operation}`, options, parent);
        if (note.status === null) fail(span, 'no-answer');
        else if (note.status >= 400) fail(span, String(note.status));
        span.end(sent.at + sent.ms);
      });
    },

    close,
  };
}

function messaging(operation: 'send' | 'process', queue: string, transfer: string) {
  return {
    'messaging.system': 'bullmq',
    'messaging.destination.name': queue,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.message.id': transfer,
    'handover.transfer.id': transfer,
  };
}

function endAttempt(span: OtelSpan, { attempt, next, phase, retries }: AttemptReport): void {
  const outcome = next.do === 'done' ? next.outcome : undefined;
  const { status, reason } = outcome ?? { status: undefined, reason: undefined };
  span.setAttributes({
    'handover.attempt': attempt,
    'handover.next': next.do,
    ...(phase === undefined ? {} : { 'handover.phase': phase }),
    ...(status === undefined ? {} : { 'handover.outcome': status }),
    ...(reason === undefined ? {} : { 'handover.reason': reason }),
  });
  const trouble = retries.find((retry) => retry === 'server-error' || retry === 'no-answer');
  if (trouble !== undefined) fail(span, trouble);
  else if (status === 'failed') fail(span, reason ?? status);
  else if (next.do === 'park' || next.do === 'contradicted') fail(span, next.do);
  span.end();
}

function fail(span: OtelSpan, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The context of a remote parent; without one, a span starts a new trace. */
function remote(traceparent: unknown): Context {
  const parent = parseTraceparent(traceparent);
  return parent === undefined
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

function traceparentOf(span: OtelSpan): string {
  return formatTraceparent(span.spanContext());
}
