import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { deliver } from './delivery.ts';
import type { Sandbox } from './sandbox.ts';
import { answerVoice } from './voice.ts';
import type { Operation } from './words.ts';

/** The voice dialect of Genesys Cloud. Waits end when `closing` fires. */
export function addVoiceRoutes(app: FastifyInstance, sandbox: Sandbox, closing: AbortSignal): void {
  const serve = (operation: Operation) => (request: FastifyRequest, reply: FastifyReply) =>
    serveVoice(sandbox, operation, request, reply, closing);
  app.post('/api/v2/oauth/token', serve('token'));
  app.get('/api/v2/users/:id', serve('user'));
  app.get('/api/v2/voice/calls/:id', serve('call'));
  app.get('/api/v2/queue/queues/:id', serve('queue'));
  app.post('/api/v2/voice/calls/:id/transfer', serve('transfer'));
}

async function serveVoice(
  sandbox: Sandbox,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  closing: AbortSignal,
): Promise<void> {
  const { id = null } = request.params as { id?: string };
  const { authorization, 'if-match': ifMatch } = request.headers;
  const entry = sandbox.requests.begin(operation, id, ifMatch);
  sandbox.emit('request', { operation, id });
  let status: number | null = null;
  try {
    const asked = { operation, id, authorization, ifMatch, body: request.body };
    status = await deliver(reply, await answerVoice(sandbox, asked, closing), closing);
  } catch (error) {
    if (!closing.aborted) throw error;
    reply.hijack();
    reply.raw.destroy();
  } finally {
    sandbox.requests.finish(entry, status);
    sandbox.emit('answered', entry);
  }
}
