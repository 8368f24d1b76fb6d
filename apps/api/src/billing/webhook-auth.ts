import { createHash, timingSafeEqual } from 'node:crypto';
import { createVerifier, isTimely } from '@handover/core/billing';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problems.ts';

const CHALLENGE = { 'www-authenticate': 'Bearer realm="handover webhook"' };

/**
 * Authenticates events (docs/billing.md) by a Standard Webhooks signature or, without one, by any of the secrets as bearer
 * token, `x-api-key`, or `token` in the URL. `now` returns epoch milliseconds. Throws `webhook-not-configured` without secrets,
 * with `whyNone`; else `unauthenticated`, and what `now` throws.
 */
export function createWebhookGuard(
  secrets: readonly string[],
  now: () => Promise<number>,
  whyNone = 'WEBHOOK_SECRET is not set, so events cannot be authenticated.',
) {
  const digests = secrets.map(sha256);
  const signedAt = createVerifier(secrets);

  /** Before the body is read: rejects requests with neither a secret nor a signature. */
  async function headers(request: FastifyRequest): Promise<void> {
    if (secrets.length === 0) throw new Problem('webhook-not-configured', whyNone);
    if (!isSigned(request) && !showsSecret(request))
      throw unauthenticated('The event has neither a signature nor a known secret.');
  }

  /** After the body was read: verifies its signature, if there is one. */
  async function body(request: FastifyRequest): Promise<void> {
    if (!isSigned(request)) return;
    const signature = {
      'webhook-id': header(request, 'webhook-id'),
      'webhook-timestamp': header(request, 'webhook-timestamp'),
      'webhook-signature': header(request, 'webhook-signature'),
    };
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const sentAt = signedAt(signature, raw);
    if (sentAt === undefined || !isTimely(sentAt, await now()))
      throw unauthenticated('The signature is invalid, or its timestamp is more than five minutes off.');
  }

  function showsSecret(request: FastifyRequest): boolean {
    const { token } = request.query as { token?: unknown };
    const bearer = /^Bearer +(\S+) *$/i.exec(header(request, 'authorization'))?.[1];
    const shown = [bearer, header(request, 'x-api-key'), token].filter((one) => typeof one === 'string');
    // Compare every pair, so that timing does not reveal which secret matches.
    return (
      shown.flatMap((one) => digests.filter((digest) => timingSafeEqual(digest, sha256(one)))).length > 0
    );
  }

  return { headers, body };
}

function isSigned(request: FastifyRequest): boolean {
  return request.headers['webhook-signature'] !== undefined;
}

function header({ headers }: FastifyRequest, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function unauthenticated(detail: string): Problem {
  return new Problem('unauthenticated', detail, {}, CHALLENGE);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
