import type { Answer } from '../answer.ts';
import type { Sandbox } from '../sandbox.ts';
import { drawLatency } from '../settings.ts';
import { answerByStep, type SteppedAnswer } from '../step.ts';
import type { PlatformStep } from './schemas.ts';

export type TokenRequest = { authorization: string | undefined; body: unknown; correlationId: string };

/** Answers a token request. Its errors have the shape of OAuth, not that of the API. */
export async function answerTokenRequest(
  sandbox: Sandbox,
  request: TokenRequest,
  closing: AbortSignal,
): Promise<SteppedAnswer> {
  const credentials = credentialsIn(request.authorization);
  const step = sandbox.platform.scripts.take('postOauthToken', credentials?.id ?? null) ?? {};
  const handling = {
    latencyMs: () => drawLatency(sandbox.settings.latencyMs, sandbox.random),
    handle: () => giveToken(sandbox, request, credentials),
    errorBody: () => scriptedError(step),
  };
  const answer = await answerByStep(step, handling, closing);
  const headers = { 'inin-correlation-id': request.correlationId, ...answer?.headers };
  return { answer: answer && { ...answer, headers }, step };
}

function giveToken(
  { platform, settings }: Sandbox,
  { body }: TokenRequest,
  credentials: { id: string; secret: string } | undefined,
): Answer {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  const grantType = form.get('grant_type');
  if (grantType === null) return oauthError(400, 'invalid_request', 'grant_type is missing');
  if (!credentials) return oauthError(400, 'invalid_client', 'client credentials are missing');
  if (grantType !== 'client_credentials') {
    return oauthError(400, 'unsupported_grant_type', `grant type ${grantType} is not supported`);
  }
  const client = platform.clients.identify(credentials.id, credentials.secret);
  if (client === 'client not found') return oauthError(400, 'invalid_client', client);
  if (client === 'authentication failed') return oauthError(401, 'invalid_client', client);
  if ((client.authorizedGrantType ?? 'CLIENT-CREDENTIALS') !== 'CLIENT-CREDENTIALS') {
    return oauthError(400, 'unauthorized_client', 'the client may not use this grant type');
  }
  const token = platform.clients.issue(client, settings.tokenLifeSeconds);
  const given = { access_token: token, token_type: 'bearer', expires_in: settings.tokenLifeSeconds };
  return { status: 200, body: given };
}

function oauthError(status: number, error: string, description: string): Answer {
  return { status, body: oauthBody(error, description) };
}

// The platform gives the words twice.
function oauthBody(error: string, description: string): object {
  return { error, description, error_description: description };
}

function scriptedError({ status = 500, code, message }: PlatformStep): unknown {
  const usual = status === 429 ? 'rate_limit_exceeded' : status < 500 ? 'invalid_request' : 'server_error';
  return oauthBody(code ?? usual, message ?? 'Scripted answer of the sandbox');
}

function credentialsIn(authorization: string | undefined): { id: string; secret: string } | undefined {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon <= 0 ? undefined : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}
