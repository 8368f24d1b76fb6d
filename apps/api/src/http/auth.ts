import { createHash, timingSafeEqual } from 'node:crypto';
import { isLoopback } from '@handover/core/config';
import type { Actor } from '@handover/core/transfer';
import type { FastifyRequest } from 'fastify';
import type { Permission } from './permissions.ts';
import { Problem } from './problems.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must be allowed to do. */
    needs?: Permission;
  }
  interface FastifyRequest {
    /** The authenticated caller; unset on public routes. */
    actor: Actor | undefined;
  }
}

export type AuthSettings = {
  apiKeys: readonly { readonly name: string; readonly key: string }[];
  admin?: { readonly user: string; readonly password: string } | undefined;
};

type Guard = (request: FastifyRequest) => Promise<void>;
export type Guards = { host: Guard; apiKey: Guard; operator: Guard };

/**
 * The guards of the API, as `onRequest` hooks. `host`: without API keys only loopback hosts are served, for all routes.
 * `apiKey`: a Bearer key, which identifies the actor. `operator`: name and password, or nothing on loopback.
 * They throw the problems `host-not-allowed` and `unauthenticated`; secrets are compared in constant time.
 */
export function createGuards({ apiKeys, admin }: AuthSettings): Guards {
  const keys = apiKeys.map(({ name, key }) => ({ name, digest: sha256(key) }));
  const credentials = admin === undefined ? undefined : sha256(`${admin.user}:${admin.password}`);

  async function host(request: FastifyRequest): Promise<void> {
    if (keys.length === 0) refuseForeignHost(request);
  }

  async function apiKey(request: FastifyRequest): Promise<void> {
    if (keys.length === 0) {
      request.actor = { type: 'apiKey', name: 'anonymous' };
      return;
    }
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined)
      throw unauthenticated('The header "Authorization: Bearer <key>" is missing.', BEARER);
    const digest = sha256(given);
    // Compare with every key, so that timing does not reveal which one matches.
    const found = keys.filter((key) => timingSafeEqual(key.digest, digest))[0];
    if (found === undefined)
      throw unauthenticated('The API key is unknown.', `${BEARER}, error="invalid_token"`);
    request.actor = { type: 'apiKey', name: found.name };
  }

  async function operator(request: FastifyRequest): Promise<void> {
    if (credentials === undefined) {
      refuseForeignHost(request);
      request.actor = { type: 'operator', name: 'local' };
      return;
    }
    const given = basicCredentials(request.headers.authorization);
    if (given === undefined)
      throw unauthenticated(
        'The name and password of an operator are missing (Basic authentication).',
        BASIC,
      );
    if (!timingSafeEqual(credentials, sha256(given)))
      throw unauthenticated('The name or password is wrong.', BASIC);
    request.actor = { type: 'operator', name: given.slice(0, given.indexOf(':')) };
  }

  return { host, apiKey, operator };
}

/** The actor that a guard set on the request. Throws if the route has no guard, which is a bug. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === undefined) throw new Error(`${request.method} ${request.url} has no guard`);
  return request.actor;
}

const BEARER = 'Bearer realm="handover"';
const BASIC = 'Basic realm="handover operators", charset="UTF-8"';

function unauthenticated(detail: string, challenge: string): Problem {
  return new Problem('unauthenticated', detail, {}, { 'www-authenticate': challenge });
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** `name:password` of the header (RFC 7617), or undefined if it has none. */
function basicCredentials(header: string | undefined): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  return decoded.includes(':') ? decoded : undefined;
}

// Prevents DNS rebinding: a foreign site may resolve to a loopback address, but its Host header shows its own name.
function refuseForeignHost(request: FastifyRequest): void {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(request.headers.host ?? '');
  const name = (match?.[1] ?? match?.[2] ?? '').toLowerCase();
  if (!isLoopback(name))
    throw new Problem(
      'host-not-allowed',
      'Without API keys only requests to a loopback host are served, such as localhost or 127.0.0.1.',
    );
}
