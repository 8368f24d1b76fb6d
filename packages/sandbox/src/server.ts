import { setMaxListeners } from 'node:events';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { type Answer, errorAnswer } from './answer.ts';
import { addBillingRoutes } from './billing/routes.ts';
import { describeInvalidInput } from './control/input.ts';
import { addControlRoutes } from './control/routes.ts';
import { addPlatformRoutes } from './platform/routes.ts';
import type { RunningServer, Sandbox } from './sandbox.ts';
import { addVoiceRoutes, voiceUserRoute } from './voice/routes.ts';

const BODY_LIMIT_BYTES = 64 * 1024 * 1024;
// Encoding can make an id of 200 characters nine times as long.
const LONGEST_PARAMETER = 2000;

const FRONT_PAGE = `The Handover sandbox: a stand-in for Genesys Cloud that misbehaves on request.
The voice API and the Platform API are under /api/v2, the billing receiver is at /billing/records. Control it under /control, for example:
  GET  /control/health       whether it is up
  GET  /control/ledger       every effect so far
  GET  /control/requests     every request so far
  GET  /control/events       every event so far, and its sendings
  GET  /control/webhooks     where events go
  GET  /control/billing      every billing record so far
  GET  /control/simulations  the scenarios of training runs
  GET  /control/platform/settings  how the Platform API behaves
The whole control API is described in the README of the sandbox.
`;

/** Serves the sandbox at this address; port 0 is a free one. Rejects like `net.Server`, for example with EADDRINUSE. */
export async function startServer(sandbox: Sandbox, host: string, port: number): Promise<RunningServer> {
  const closing = new AbortController();
  // Every waiting request adds a listener.
  setMaxListeners(0, closing.signal);
  const app = buildApp(sandbox, closing.signal);
  const url = await app.listen({ host, port });
  const close = async () => {
    closing.abort();
    await app.close();
  };
  return { url, close };
}

function buildApp(sandbox: Sandbox, closing: AbortSignal): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    frameworkErrors: (error, _request, reply) => send(reply, describeError(sandbox, error)),
  });
  takeEmptyJsonBodies(app);
  app.setErrorHandler((error, _request, reply) => send(reply, describeError(sandbox, error)));
  app.setNotFoundHandler((request, reply) =>
    send(reply, errorAnswer(404, 'not.found', `No route ${request.method} ${request.url}`)),
  );
  app.get('/', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(FRONT_PAGE));
  addVoiceRoutes(app, sandbox, closing);
  addPlatformRoutes(app, sandbox, closing, voiceUserRoute(sandbox, closing));
  addBillingRoutes(app, sandbox, closing);
  addControlRoutes(app, sandbox);
  return app;
}

// Some clients always send a JSON content type, even with DELETE: accept an empty body.
function takeEmptyJsonBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(String(body)));
    } catch {
      done(Object.assign(new Error('The body is not valid JSON'), { statusCode: 400 }));
    }
  });
}

function describeError(sandbox: Sandbox, error: FastifyError | unknown): Answer {
  const invalidInput = describeInvalidInput(error);
  if (invalidInput) return invalidInput;
  const { statusCode = 500, message = String(error) } = error as Partial<FastifyError>;
  if (statusCode < 500) return errorAnswer(statusCode, 'bad.request', message);
  sandbox.emit('fault', error);
  return errorAnswer(500, 'internal.server.error', message);
}

function send(reply: FastifyReply, answer: Answer): void {
  reply.code(answer.status).send(answer.body);
}
