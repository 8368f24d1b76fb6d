import { type ServerSpan, type Tracing, traceIdOf } from '@handover/core/tracing';
import { actorLabel } from '@handover/core/transfer';
import type { Api } from '../parts.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set only on traced routes, if tracing is enabled. */
    span: ServerSpan | undefined;
  }
  interface FastifyContextConfig {
    /** Requests to this route queue a transfer, so they get a span. */
    isTraced?: boolean;
  }
}

/** Creates a span per traced request, in the caller's trace. Add it after the guard: unauthenticated requests get none. */
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
    // Not `onResponse`, which does not run if the client disconnects; the span must end anyway.
    reply.raw.once('close', () => span.end(reply.raw.headersSent ? reply.statusCode : null));
  });
}
