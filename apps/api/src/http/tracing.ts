import { type ServerSpan, type Tracing, traceIdOf } from '@handover/core/tracing';
import { actorLabel } from '@handover/core/transfer';
import type { Api } from '../parts.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Only on routes that are traced, and where tracing is on. */
    span: ServerSpan | undefined;
  }
  interface FastifyContextConfig {
    /** What comes over this route puts a transfer into the queue. */
    isTraced?: boolean;
  }
}

/** A span for each request to the traced routes here, which goes on with the caller's trace. Add it behind the guard: strangers leave no spans. */
export function traceRequests(app: Api, tracing: Tracing | undefined): void {
  if (tracing === undefined) return;
  app.addHook('onRequest', async (request, reply) => {
    const { config, url: route = '' } = request.routeOptions;
    if (config.isTraced !== true) return;
    const span = tracing.serve({
      method: request.method,
      route,
      path: request.url.split('?', 1)[0] ?? '',
      actor: request.actor && actorLabel(request.actor),
      traceparent: request.headers.traceparent,
    });
    if (span === undefined) return;
    request.span = span;
    request.log = request.log.child({ traceId: traceIdOf(span.traceparent) });
    // Not `onResponse`: a client that has gone away gets none, and its span ends all the same.
    reply.raw.once('close', () => span.end(reply.raw.headersSent ? reply.statusCode : null));
  });
}
