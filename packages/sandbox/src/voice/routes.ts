import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { serve } from '../delivery.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Operation } from '../words.ts';
import { answerVoice } from './voice.ts';

/** The voice dialect of Genesys Cloud. Waits end when `closing` fires. */
export function addVoiceRoutes(app: FastifyInstance, sandbox: Sandbox, closing: AbortSignal): void {
  const route = (operation: Operation) => (request: FastifyRequest, reply: FastifyReply) =>
    serveVoice(sandbox, operation, request, reply, closing);
  app.post('/api/v2/oauth/token', route('token'));
  app.get('/api/v2/voice/calls/:id', route('call'));
  app.get('/api/v2/queue/queues/:id', route('queue'));
  app.post('/api/v2/voice/calls/:id/transfer', route('transfer'));
  const webhookRoute = async (request: FastifyRequest, reply: FastifyReply) => {
    if (sandbox.settings.webhookRoutes === 'create') return reply.callNotFound();
    return route('webhook')(request, reply);
  };
  app.post('/api/v2/integrations/webhooks', route('webhook'));
  app.get('/api/v2/integrations/webhooks', webhookRoute);
  app.put('/api/v2/integrations/webhooks/:id', webhookRoute);
  app.delete('/api/v2/integrations/webhooks/:id', webhookRoute);
}

/** The route of a user, for where both worlds have one. */
export function voiceUserRoute(sandbox: Sandbox, closing: AbortSignal) {
  return (request: FastifyRequest, reply: FastifyReply) =>
    serveVoice(sandbox, 'user', request, reply, closing);
}

async function serveVoice(
  sandbox: Sandbox,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  closing: AbortSignal,
): Promise<void> {
  const [id = null] = Object.values((request.params ?? {}) as Record<string, string>);
  const { authorization, 'if-match': ifMatch } = request.headers;
  const entry = sandbox.requests.begin(operation, id, ifMatch === undefined ? {} : { ifMatch });
  sandbox.emit('request', { operation, id });
  let status: number | null = null;
  try {
    const { method, body } = request;
    const asked = { operation, method, id, authorization, ifMatch, body };
    status = await serve(reply, answerVoice(sandbox, asked, closing), closing);
  } finally {
    sandbox.requests.finish(entry, status);
    sandbox.emit('answered', entry);
  }
}
