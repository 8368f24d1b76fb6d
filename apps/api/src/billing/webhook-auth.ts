import { createHash, timingSafeEqual } from 'node:crypto';
import { createVerifier, isTimely } from '@handover/core/billing';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problems.ts';

const CHALLENGE = { 'www-authenticate': 'Bearer realm="handover webhook"' };

/**
 * Who may send events (docs/billing.md): a sender that signs, by Standard Webhooks, or one that shows a secret: as bearer
 * token, as `x-api-key`, or as `token` in the URL. Any of the secrets will do. Throws `webhook-not-configured` without
 * secrets, else `unauthenticated`, and what `now` throws, which gives epoch milliseconds. A message that carries a signature is judged by that alone.
 */
export function createWebhookGuard(secrets: readonly string[], now: () => Promise<number>) {
  const digests = secrets.map(sha256);
  const signedAt = createVerifier(secrets);

  /** Before the body is read: refuses what shows no secret and carries no signature. */
  async function headers(request: FastifyRequest): Promise<void> {
    if (secrets.length === 0)
      throw new Problem('webhook-not-configured', 'WEBHOOK_SECRET is not set, so no event can be trusted.');
    if (!isSigned(request) && !showsSecret(request))
      throw unauthenticated('The event carries neither a signature nor a secret that is known here.');
  }

  /** Once the body is there: checks the signature over it, where there is one. */
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
      throw unauthenticated('The signature is not right, or more than five minutes old.');
  }

  function showsSecret(request: FastifyRequest): boolean {
    const { token } = request.query as { token?: unknown };
    const bearer = /^Bearer +(\S+) *$/i.exec(header(request, 'authorization'))?.[1];
    const shown = [bearer, header(request, 'x-api-key'), token].filter((one) => typeof one === 'string');
    // Every pair is compared, so that the time says nothing about which one fits.
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
