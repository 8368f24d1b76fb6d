import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type Answer, errorAnswer } from './answer.ts';
import { hasEnded } from './calls.ts';
import type { Sandbox } from './sandbox.ts';
import type { Step } from './schemas.ts';
import { drawLatency } from './settings.ts';
import { type Call, type Operation, targetTypes, transferTypes } from './words.ts';

/** A request of the voice dialect without its transport. `id` is null for a token. */
export type VoiceRequest = {
  operation: Operation;
  id: string | null;
  authorization: string | undefined;
  ifMatch: string | undefined;
  body: unknown;
};

/** What to send, and the step that says how; without an answer the request was dropped, or hangs, before it was handled. */
export type VoiceResult = { answer: Answer | undefined; step: Step };

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
 * Answers one request: first the token and the rate limit, then the waits, then the next step of a script, if one waits
 * for this request. An effect happens after the waits, even when the client has gone by then. Rejects with an AbortError
 * when `closing` fires during a wait.
 */
export async function answerVoice(
  sandbox: Sandbox,
  request: VoiceRequest,
  closing: AbortSignal,
): Promise<VoiceResult> {
  const { refusal, headers } = admit(sandbox, request);
  if (refusal) return { answer: withHeaders(refusal, headers), step: {} };
  const step = sandbox.scripts.take(request.operation, request.id) ?? {};
  const latencyMs = step.latencyMs ?? settingsLatency(sandbox, request.operation);
  if (latencyMs > 0) await wait(latencyMs, undefined, { signal: closing });
  if (step.before && request.id !== null) sandbox.actOnCall(request.id, step.before);
  if (step.drop === 'before' || step.hang === 'before') return { answer: undefined, step };
  const handled = step.status === undefined || step.effect ? handle(sandbox, request) : undefined;
  const answer = scriptedAnswer(step) ?? handled;
  return { answer: answer && withHeaders(answer, headers), step };
}

function settingsLatency({ settings }: Sandbox, operation: Operation): number {
  const transferMs = operation === 'transfer' ? drawLatency(settings.transferLatencyMs) : 0;
  return drawLatency(settings.latencyMs) + transferMs;
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

function scriptedAnswer({ status, headers, body }: Step): Answer | undefined {
  if (status === undefined) return undefined;
  const message = 'Scripted answer of the sandbox';
  const usual = status < 400 ? {} : errorAnswer(status, `scripted.${status}`, message).body;
  return { status, body: body ?? usual, ...(headers && { headers }) };
}

function handle(sandbox: Sandbox, request: VoiceRequest): Answer {
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
      return transferCall(sandbox, id, request);
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
  const lag = sandbox.settings.readLagMs;
  const call = lag > 0 ? sandbox.calls.read(id, sandbox.now() - lag) : sandbox.calls.read(id);
  return call ? callAnswer(call) : found(undefined, 'call', id);
}

function callAnswer(call: Call): Answer {
  return { status: 200, headers: { etag: call.etag }, body: call };
}

// `If-Match` is compared as it stands, with what was read: neither lists nor `*` are part of the dialect.
function transferCall(sandbox: Sandbox, id: string, { body, ifMatch }: VoiceRequest): Answer {
  const call = sandbox.calls.read(id);
  if (!call) return found(undefined, 'call', id);
  const asked = transferSchema.safeParse(body);
  if (!asked.success) return badRequest(asked.error);
  if (ifMatch === undefined) return errorAnswer(428, 'precondition.required', 'If-Match is missing');
  if (ifMatch !== call.etag) {
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
  const move = { transferType, target, ifMatch, ...(wrapUpCode && { wrapUpCode }) };
  const moved = sandbox.calls.move(id, { by: 'api', ...move });
  return moved ? callAnswer(moved) : found(undefined, 'call', id);
}

function badRequest(error: z.ZodError): Answer {
  const message = error.issues
    .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
    .join('; ');
  return errorAnswer(400, 'bad.request', message);
}
