import { z } from 'zod';
import { type Answer, badRequest, errorAnswer } from '../answer.ts';
import type { Sandbox } from '../sandbox.ts';
import { drawLatency } from '../settings.ts';
import { answerByStep, type SteppedAnswer } from '../step.ts';
import { type Call, type Operation, targetTypes, transferTypes } from '../words.ts';
import { type CallAction, hasEnded } from './calls.ts';
import { answerWebhook } from './webhooks.ts';

/** A request of the voice dialect without its transport. `id` is null for a token, and for the webhooks as a whole. */
type VoiceRequest = {
  operation: Operation;
  method: string;
  id: string | null;
  authorization: string | undefined;
  ifMatch: string | undefined;
  body: unknown;
};

const tokenSchema = z.object({
  grant_type: z.string(),
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
});

const transferSchema = z.object({
  transferType: z.enum(transferTypes),
  target: z.object({ id: z.string().min(1), type: z.enum(targetTypes) }),
  wrapUpCode: z.object({ id: z.string().min(1) }).optional(),
});

/**
 * Answers one request: checks the token and the rate limit, then applies the next scripted step, if there is one for this
 * request. Rejects with an AbortError when `closing` fires during a wait.
 */
export async function answerVoice(
  sandbox: Sandbox,
  request: VoiceRequest,
  closing: AbortSignal,
): Promise<SteppedAnswer> {
  const { refusal, headers } = admit(sandbox, request);
  if (refusal) return { answer: withHeaders(refusal, headers), step: {} };
  const { operation, id } = request;
  const step = sandbox.scripts.take(operation, id) ?? {};
  const passedBy = sandbox.settings.etagCompared === 'on-arrival' ? etagOf(sandbox, request) : undefined;
  const handling = {
    latencyMs: () => settingsLatency(sandbox, operation),
    act: (action: CallAction) => id !== null && sandbox.actOnCall(id, action),
    handle: () => handle(sandbox, request, passedBy),
  };
  const answer = await answerByStep(step, handling, closing);
  return { answer: answer && withHeaders(answer, headers), step };
}

function settingsLatency({ settings, random }: Sandbox, operation: Operation): number {
  const transferMs = operation === 'transfer' ? drawLatency(settings.transferLatencyMs, random) : 0;
  return drawLatency(settings.latencyMs, random) + transferMs;
}

function withHeaders(answer: Answer, headers: Record<string, string>): Answer {
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

function admit(
  sandbox: Sandbox,
  { operation, authorization }: VoiceRequest,
): { refusal?: Answer; headers: Record<string, string> } {
  if (operation === 'token') return { headers: {} };
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined || !sandbox.tokens.isLive(token)) {
    return { refusal: errorAnswer(401, 'bad.credentials', 'Invalid or expired access token'), headers: {} };
  }
  const { requestsPerMinute, rateLimitWindowMs } = sandbox.settings;
  const used = sandbox.rateLimit.count(token, requestsPerMinute, rateLimitWindowMs);
  if (!used) return { headers: {} };
  const reset = String(used.resetSeconds);
  const headers = {
    'inin-ratelimit-count': String(used.count),
    'inin-ratelimit-allowed': String(used.allowed),
    'inin-ratelimit-reset': reset,
  };
  if (used.count <= used.allowed) return { headers };
  const message = `Rate limit exceeded the maximum. Retry the request in [${reset}] seconds`;
  return {
    refusal: errorAnswer(429, 'too.many.requests', message),
    headers: { ...headers, 'retry-after': reset },
  };
}

function etagOf(sandbox: Sandbox, { id }: VoiceRequest): string | undefined {
  return sandbox.calls.read(id ?? '')?.etag;
}

/** `passedBy`: the ETag of the call on arrival of the request, if that one is compared. */
function handle(sandbox: Sandbox, request: VoiceRequest, passedBy: string | undefined): Answer {
  const id = request.id ?? '';
  switch (request.operation) {
    case 'token':
      return giveToken(sandbox, request.body);
    case 'user':
      return found(sandbox.users.get(id), 'user', id);
    case 'queue':
      return found(sandbox.queues.get(id), 'queue', id);
    case 'call':
      return readCall(sandbox, id);
    case 'transfer':
      return transferCall(sandbox, id, request, passedBy);
    case 'webhook':
      return answerWebhook(sandbox.webhooks, request);
  }
}

function found(thing: object | undefined, kind: string, id: string): Answer {
  return thing ? { status: 200, body: thing } : errorAnswer(404, `${kind}.not.found`, `No ${kind} ${id}`);
}

function giveToken(sandbox: Sandbox, body: unknown): Answer {
  const asked = tokenSchema.safeParse(body);
  if (!asked.success) return badRequest(asked.error);
  const { grant_type: grantType, client_id: id, client_secret: secret } = asked.data;
  if (grantType !== 'client_credentials') {
    return errorAnswer(400, 'unsupported.grant.type', 'grant_type must be client_credentials');
  }
  const client = sandbox.client;
  if (client && (client.id !== id || client.secret !== secret)) {
    return errorAnswer(401, 'invalid.client', 'Unknown client, or wrong secret');
  }
  const lifeSeconds = sandbox.settings.tokenLifeSeconds;
  const token = sandbox.tokens.issue(lifeSeconds);
  return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: lifeSeconds } };
}

function readCall(sandbox: Sandbox, id: string): Answer {
  const lag = drawLatency(sandbox.settings.readLagMs, sandbox.random);
  const call = lag > 0 ? sandbox.calls.read(id, sandbox.now() - lag) : sandbox.calls.read(id);
  return call ? callAnswer(call) : found(undefined, 'call', id);
}

function callAnswer(call: Call): Answer {
  return { status: 200, headers: { etag: call.etag }, body: call };
}

// `If-Match` is compared literally: neither lists nor `*` are part of the dialect.
function transferCall(
  sandbox: Sandbox,
  id: string,
  { body, ifMatch }: VoiceRequest,
  passedBy: string | undefined,
): Answer {
  const call = sandbox.calls.read(id);
  if (!call) return found(undefined, 'call', id);
  const asked = transferSchema.safeParse(body);
  if (!asked.success) return badRequest(asked.error);
  if (ifMatch === undefined) return errorAnswer(428, 'precondition.required', 'If-Match is missing');
  if (ifMatch !== (passedBy ?? call.etag)) {
    return errorAnswer(
      sandbox.settings.conflictStatus,
      'etag.mismatch',
      'The call has changed since it was read',
    );
  }
  if (hasEnded(call)) return errorAnswer(400, 'call.not.connected', `Call ${id} has ended`);
  if (call.privacy) return errorAnswer(403, 'call.is.private', `Call ${id} is private`);
  const { transferType, target, wrapUpCode } = asked.data;
  if (target.type === 'queue' && !sandbox.queues.has(target.id)) return found(undefined, 'queue', target.id);
  const move = {
    transferType,
    target,
    ifMatch: passedBy === undefined ? ifMatch : call.etag,
    ...(wrapUpCode && { wrapUpCode }),
  };
  const moved = sandbox.calls.move(id, { by: 'api', ...move });
  return moved ? callAnswer(moved) : found(undefined, 'call', id);
}
