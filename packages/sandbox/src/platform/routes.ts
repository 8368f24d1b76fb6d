import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { serve } from '../delivery.ts';
import type { Sandbox } from '../sandbox.ts';
import type { SteppedAnswer } from '../step.ts';
import { answerPlatform, newCorrelationId } from './answer.ts';
import { answerTokenRequest } from './oauth.ts';
import { operations } from './operations.ts';
import type { PlatformOperation } from './words.ts';

type Route = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
type Answering = (correlationId: string) => Promise<SteppedAnswer>;

/**
 * The Platform API. Waits end when `closing` fires. `GET /api/v2/users/{id}` stands in both worlds: it is ours for a token
 * that was given out here, and goes to `voiceUser` for any other.
 */
export function addPlatformRoutes(
  app: FastifyInstance,
  sandbox: Sandbox,
  closing: AbortSignal,
  voiceUser: Route,
): void {
  addTokenRoute(app, sandbox, closing);
  for (const [name, { method, path }] of Object.entries(operations)) {
    const operation = name as keyof typeof operations;
    const handler = operationRoute(sandbox, operation, closing);
    const route: Route =
      operation === 'getUser'
        ? (request, reply) => (isOurs(sandbox, request) ? handler : voiceUser)(request, reply)
        : handler;
    app.route({ method: method as HTTPMethods, url: path, handler: route });
  }
}

function isOurs({ platform }: Sandbox, { headers }: FastifyRequest): boolean {
  const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  return token !== undefined && platform.clients.knows(token);
}

// The form stays text; the parsers of the other routes stay as they are.
function addTokenRoute(app: FastifyInstance, sandbox: Sandbox, closing: AbortSignal): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.post('/oauth/token', (request, reply) => {
      const { body, headers } = request;
      const { authorization } = headers;
      const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
      return answered(sandbox, 'postOauthToken', request, reply, closing, (correlationId) =>
        answerTokenRequest(sandbox, { authorization, body: isForm ? body : '', correlationId }, closing),
      );
    });
  });
}

function operationRoute(sandbox: Sandbox, operation: keyof typeof operations, closing: AbortSignal): Route {
  return (request, reply) => {
    const params = request.params as Record<string, string>;
    const query = request.query as Record<string, string | string[] | undefined>;
    const asked = { operation, id: idIn(params), params, query, body: request.body };
    const { authorization } = request.headers;
    return answered(sandbox, operation, request, reply, closing, (correlationId) =>
      answerPlatform(sandbox, { ...asked, authorization, correlationId }, closing),
    );
  };
}

/** The id by which requests are scripted and listed: the first one in the path. */
function idIn(params: unknown): string | null {
  const [id = null] = Object.values((params ?? {}) as Record<string, string>);
  return id;
}

async function answered(
  sandbox: Sandbox,
  operation: PlatformOperation,
  { params, method, url, body }: FastifyRequest,
  reply: FastifyReply,
  closing: AbortSignal,
  answer: Answering,
): Promise<void> {
  const correlationId = newCorrelationId();
  const id = idIn(params);
  const { participantId: leg } = (params ?? {}) as { participantId?: string };
  const more = { correlationId, ...(leg !== undefined && { leg }) };
  const entry = sandbox.requests.begin(operation, id, more);
  sandbox.emit('request', { operation, id, sent: { method, url, body } });
  let status: number | null = null;
  try {
    status = await serve(reply, answer(correlationId), closing);
  } finally {
    sandbox.requests.finish(entry, status);
    sandbox.emit('answered', entry);
  }
}
