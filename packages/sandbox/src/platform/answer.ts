import { randomUUID } from 'node:crypto';
import type { Answer } from '../answer.ts';
import type { Sandbox } from '../sandbox.ts';
import { drawLatency } from '../settings.ts';
import { answerByStep, type SteppedAnswer } from '../step.ts';
import type { Asked } from './asked.ts';
import { ALL_PERMISSIONS, type Client, covers } from './clients.ts';
import { operations } from './operations.ts';
import { missingAnyPermission, Refusal, refusalAnswer, tooManyRequests } from './refusal.ts';
import { allowedRequests } from './routing-answers.ts';
import type { ConversationAction, PlatformStep } from './schemas.ts';
import { commandOperations, type PlatformOperation } from './words.ts';

export type PlatformRequest = {
  operation: Exclude<PlatformOperation, 'postOauthToken'>;
  id: string | null;
  authorization: string | undefined;
  correlationId: string;
} & Pick<Asked, 'params' | 'query' | 'body'>;

/** With a `refusal` there may be no client. */
type Admitted =
  | { client: Client; refusal?: undefined; headers: Record<string, string> }
  | { refusal: Refusal; headers: Record<string, string> };

const TOKEN_LIMIT = { namespace: 'platform.api', key: 'client.credentials.token.rate.per.minute' };
const SCRIPTED_WAIT_SECONDS = 3;

/**
 * Answers one request: first the token and the rate limit, then as the next step of a script says, if one waits for this
 * request. Rejects with an AbortError when `closing` fires during a wait.
 */
export async function answerPlatform(
  sandbox: Sandbox,
  request: PlatformRequest,
  closing: AbortSignal,
): Promise<SteppedAnswer> {
  const { correlationId, operation, id } = request;
  const correlation = { 'inin-correlation-id': correlationId };
  const admitted = admit(sandbox, request.authorization);
  if (admitted.refusal) {
    const answer = refusalAnswer(admitted.refusal, correlationId);
    return { answer: withHeaders(answer, { ...admitted.headers, ...correlation }), step: {} };
  }
  const step = sandbox.platform.scripts.take(operation, id) ?? {};
  const handling = {
    latencyMs: () => latencyOf(sandbox, operation),
    act: (action: ConversationAction) => id !== null && sandbox.platform.act(id, action),
    handle: () => handle(sandbox, request, admitted.client, step),
    errorBody: () => scriptedError(step, correlationId),
  };
  const answer = await answerByStep(withLimitHeaders(step), handling, closing);
  return { answer: answer && withHeaders(answer, { ...admitted.headers, ...correlation }), step };
}

export function newCorrelationId(): string {
  return randomUUID();
}

function latencyOf({ settings, random }: Sandbox, operation: PlatformOperation): number {
  const transferMs = commandOperations.includes(operation)
    ? drawLatency(settings.transferLatencyMs, random)
    : 0;
  return drawLatency(settings.latencyMs, random) + transferMs;
}

function withHeaders(answer: Answer, headers: Record<string, string>): Answer {
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

function admit(sandbox: Sandbox, authorization: string | undefined): Admitted {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const client = sandbox.platform.clients.ofToken(token);
  if (!client) {
    const missing = 'No authentication bearer token specified in authorization header.';
    const refusal =
      token === ''
        ? new Refusal(401, 'authentication.required', missing)
        : new Refusal(401, 'bad.credentials', 'Invalid login credentials.');
    return { headers: {}, refusal };
  }
  const { requestsPerMinute, rateLimitWindowMs } = sandbox.settings;
  const allowed = allowedRequests(requestsPerMinute);
  const byOthers = sandbox.platform.settings.requestsByOthers;
  const used = sandbox.rateLimit.count(token, allowed, rateLimitWindowMs, byOthers);
  if (!used) return { client, headers: {} };
  const headers = {
    'inin-ratelimit-count': String(used.count),
    'inin-ratelimit-allowed': String(used.allowed),
    'inin-ratelimit-reset': String(used.resetSeconds),
  };
  if (used.count <= used.allowed) return { client, headers };
  const limit = { ...TOKEN_LIMIT, value: used.allowed };
  return { headers, refusal: tooManyRequests(used.resetSeconds, limit) };
}

function handle(sandbox: Sandbox, request: PlatformRequest, client: Client, step: PlatformStep): Answer {
  const { operation, params, query, body, correlationId } = request;
  const { permissions, answer } = operations[operation];
  const { platform, settings, now, random } = sandbox;
  try {
    const granted = client.permissions ?? ALL_PERMISSIONS;
    if (permissions.length > 0 && !permissions.some((wanted) => covers(granted, wanted))) {
      throw missingAnyPermission(permissions);
    }
    return answer({ platform, shared: settings, now, random, client, params, query, body, step });
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer(error, correlationId);
    throw error;
  }
}

function scriptedError({ status = 500, code, message, limit }: PlatformStep, correlationId: string): unknown {
  const refusal =
    status === 429 && code === undefined
      ? tooManyRequests(SCRIPTED_WAIT_SECONDS, limit, message)
      : new Refusal(status, code ?? `scripted.${status}`, message ?? 'Scripted answer of the sandbox', {
          ...(limit && { limit }),
        });
  return refusalAnswer(refusal, correlationId).body;
}

// A 429 for another limit than the token's still says how long to wait.
function withLimitHeaders(step: PlatformStep): PlatformStep {
  if (step.status !== 429 || step.headers) return step;
  return { ...step, headers: { 'retry-after': String(SCRIPTED_WAIT_SECONDS) } };
}
