import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { actorLabel } from '@handover/core/transfer';
import fastify, {
  type ConnectionError,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RouteOptions,
} from 'fastify';
import { type ZodType, z } from 'zod';
import type { Api, ApiParts, HttpTimeouts } from '../parts.ts';
import { decodeBodies, discardRest } from './bodies.ts';
import { answerFailure, InvalidInput } from './failures.ts';
import { UnreadableBody } from './idempotency.ts';
import { Problem, problemBody } from './problems.ts';
import { addPublicPath, addressTest } from './public-path.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The transfer of the request, for its log line; set by the handler. */
    about: { transfer: string; call?: string | undefined } | undefined;
  }
  interface FastifyContextConfig {
    /** A body that is not JSON reaches the handler as an UnreadableBody. */
    allowsUnreadableBody?: boolean;
  }
}

const BODY_LIMIT_BYTES = 64 * 1024;
// A percent-encoded id of 200 characters takes up to nine times as many; the schemas reject longer ids.
const LONGEST_PARAMETER = 16 * 1024;

/** `idleMs` must exceed the longest `Prefer: wait`, during which the socket is silent. */
const TIMEOUTS: HttpTimeouts = {
  headersMs: 10_000,
  requestMs: 20_000,
  idleMs: 60_000,
  keepAliveMs: 72_000,
};

type HttpParts = Pick<ApiParts, 'log' | 'timeouts'> & {
  config: Pick<ApiParts['config'], 'publicUrl' | 'trustedProxies'>;
};

/** A Fastify instance with everything independent of routes: limits, time-outs, request ids, log, JSON, problems. */
export function createHttp({ log, config, timeouts = TIMEOUTS }: HttpParts): Api {
  const { trustedProxies } = config;
  const app = fastify({
    loggerInstance: log,
    logController: new OneLinePerRequest(),
    genReqId: requestId,
    bodyLimit: BODY_LIMIT_BYTES,
    connectionTimeout: timeouts.idleMs,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    http: {
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      connectionsCheckingInterval: Math.min(1_000, timeouts.headersMs),
    },
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    // Trust X-Forwarded-For from these only; without any, the peer address counts.
    trustProxy: trustedProxies.length === 0 ? false : addressTest(trustedProxies),
    // Requests are served during shutdown: see drainOnClose.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      // No hook has run for a malformed URL.
      request.publicPath = '';
      answerFailure(error, request, reply);
    },
    clientErrorHandler: answerBrokenHttp,
  }) as unknown as Api;
  app.decorateRequest('about', undefined);
  app.decorateRequest('actor', undefined);
  app.decorateRequest('span', undefined);
  app.setValidatorCompiler<ZodType>(({ schema }) => (input) => {
    const parsed = schema.safeParse(input, { reportInput: true });
    return parsed.success ? { value: parsed.data } : { error: new InvalidInput(parsed.error.issues) };
  });
  // Our own views build the answers; validating them again could only turn a good answer into a 500.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  app.setErrorHandler((error, request, reply) => answerFailure(error, request, reply));
  addPublicPath(app, config);
  app.addHook('onRequest', async (request, reply) => {
    refuseTwoHosts(request);
    // If the client disconnects, the answer never finishes; log that too.
    reply.raw.once('finish', () => discardRest(request.raw));
    const brokenOff = () => request.log.info(lineOf(request, reply), 'request.broken-off');
    reply.raw.once('close', brokenOff).once('finish', () => reply.raw.off('close', brokenOff));
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });
  app.addHook('onRoute', refuseUnknownQuery);
  decodeBodies(app);
  parseJsonOnly(app);
  return app;
}

const NO_QUERY = z.strictObject({});

/** A route that documents no query parameters takes none. */
function refuseUnknownQuery(route: RouteOptions): void {
  if (route.schema === undefined || route.schema.hide) return;
  route.schema.querystring ??= NO_QUERY;
}

function parseJsonOnly(app: Api): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    // Some clients send a content type with every request; a DELETE needs no body.
    if (bytes.length === 0 && request.method === 'DELETE') return done(null, undefined);
    const finish = (error: Error | null, body?: unknown) => {
      if (error && request.routeOptions.config.allowsUnreadableBody)
        done(null, new UnreadableBody(bytes.toString('latin1'), error));
      else done(error, body);
    };
    // Decoding invalid bytes would insert replacement characters, and so change ids silently.
    if (!isUtf8(bytes)) return finish(new Problem('malformed-json', 'The body is not valid UTF-8.'));
    const text = bytes.toString();
    return parse(request, text, (error, body) => finish(error && isJson(text) ? FORBIDDEN_KEY : error, body));
  });
}

const FORBIDDEN_KEY = new Problem(
  'malformed-json',
  'The body contains the key "__proto__", or "prototype" in "constructor".',
);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Proxies and servers disagree on which of two `Host` headers counts (RFC 9112, 3.2); Node silently uses the first. */
function refuseTwoHosts({ raw: { rawHeaders } }: FastifyRequest): void {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (rawHeaders[index]?.toLowerCase() === 'host') hosts++;
  if (hosts > 1) throw new Problem('bad-request', 'The request has more than one Host header.');
}

function requestId({ headers }: { headers: IncomingMessage['headers'] }): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

/**
 * One line per request, also if the client disconnected: no bodies, no headers, no query string (it may contain a
 * call id).
 */
class OneLinePerRequest extends LogController {
  override incomingRequest(): void {}
  override defaultErrorLog(): void {}
  override routeNotFound(): void {}

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    request.log.info({ ...lineOf(request, reply), err: error ?? undefined }, 'request.answered');
  }

  override streamError(error: Error & { code?: string }, request: FastifyRequest): void {
    // The client disconnected; the line of the request shows it.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE')
      request.log.warn({ err: error }, 'request.stream-failed');
  }
}

function lineOf(request: FastifyRequest, reply: FastifyReply) {
  return {
    method: request.method,
    path: request.url.split('?', 1)[0],
    status: reply.raw.headersSent ? reply.statusCode : null,
    ms: Math.round(reply.elapsedTime),
    from: request.ip,
    actor: request.actor && actorLabel(request.actor),
    ...request.about,
  };
}

/** A request that Node's parser rejects never reaches Fastify, so it is answered on the socket. */
function answerBrokenHttp(error: ConnectionError, socket: Socket): void {
  // On an unused, preconnected socket the client would take this answer for that of its first request.
  const isUnused = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0;
  if (error.code === 'ECONNRESET' || isUnused || isAnswered(socket) || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = brokenHttp(error.code);
  const body = JSON.stringify(problemBody(problem));
  const head = [
    `HTTP/1.1 ${problem.status} ${problemBody(problem).title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Whether an answer was already started (such as a 413); a second one would corrupt it. */
function isAnswered(socket: Socket): boolean {
  const { _httpMessage } = socket as { _httpMessage?: { headersSent: boolean } | null };
  return _httpMessage?.headersSent === true;
}

function brokenHttp(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem('headers-too-large', 'The URL and the headers together are too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('request-timeout', 'The request did not arrive in time.');
  return new Problem('bad-request', 'This is not a valid HTTP request.');
}
