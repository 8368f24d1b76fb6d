import { isLoopback, type KeyRole } from '@handover/core/config';
import type { SessionStore } from '@handover/core/redis';
import type { Actor } from '@handover/core/transfer';
import type { FastifyRequest, RouteOptions } from 'fastify';
import type { Api } from '../parts.ts';
import { type AccessSettings, type Caller, type Callers, createCallers, permissionsFor } from './callers.ts';
import { granted, isPublic, type Needs, type Permission, permissionsOf, rolesFor } from './permissions.ts';
import { Problem } from './problems.ts';
import { isConnected, type RedisParts, refuseWithoutRedis } from './redis-gate.ts';
import { csrfTokenOf, isRightToken, sessionIdIn } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must be allowed to do. */
    needs?: Needs;
  }
  interface FastifyRequest {
    /** The authenticated caller; unset on public routes. */
    actor: Actor | undefined;
    /** What it may do, and its session. */
    access: Access | undefined;
  }
}

/** `session`: if it signed in. `isOpen`: on loopback without keys, requests need no sign-in. */
export type Access = Pick<Caller, 'type' | 'name' | 'roles' | 'permissions'> & {
  session?: { id: string; expiresAt: number } | undefined;
  isOpen?: boolean;
};

/** What callers may do who show nothing. `anyHost`: not only requests to a loopback host. */
type Open = { access: Access; anyHost: boolean };

type AuthParts = RedisParts & { config: AccessSettings };
export type Guard = ReturnType<typeof createGuard>;

/**
 * Authenticates callers: a key (Bearer), the operator's login (Basic), or a session; without keys and without login, requests to a
 * loopback host need neither. `check` refuses what the caller may not do: `unauthenticated`, `not-allowed`, `csrf-token-wrong`.
 */
export function createGuard({ config, ...redisParts }: AuthParts, sessions: SessionStore) {
  const callers = createCallers(config);
  const open = openTo(callers, config.publicOperation);

  /** The caller by its header or session; `undefined` if it shows nothing that counts here. */
  async function identify(request: FastifyRequest): Promise<Access | undefined> {
    const { authorization } = request.headers;
    const key = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (key !== undefined && callers.hasKeys) {
      const caller = callers.ofKey(key);
      if (caller !== undefined) return caller;
      throw unauthenticated('The API key is unknown.', `${BEARER}, error="invalid_token"`);
    }
    const login = basicCredentials(authorization);
    if (login !== undefined && callers.hasLogin) return byLogin(request, login);
    return bySession(request);
  }

  async function byLogin(request: FastifyRequest, login: string): Promise<Access> {
    const name = login.slice(0, login.indexOf(':'));
    const caller = callers.ofLogin(login);
    // Operators must get in while Redis is away: then nothing is counted.
    const slowed = async (ask: () => Promise<number>) =>
      isConnected(redisParts.redis) ? ask().catch(() => 0) : 0;
    const waitMs = await slowed(() =>
      caller === undefined ? sessions.failed(request.ip, name) : sessions.waitMs(request.ip, name),
    );
    if (waitMs > 0) throw tooManyFailures(waitMs);
    if (caller === undefined) throw unauthenticated('The name or password is wrong.', BASIC);
    return caller;
  }

  async function bySession(request: FastifyRequest): Promise<Access | undefined> {
    const id = sessionIdIn(request);
    if (id === undefined) return undefined;
    refuseWithoutRedis(redisParts);
    const session = await sessions.find(id);
    const caller = session && callers.ofCredential(session.credential);
    return caller && { ...caller, session: { id, expiresAt: session.expiresAt } };
  }

  async function check(request: FastifyRequest): Promise<void> {
    if (!callers.hasKeys) refuseForeignHost(request);
    const { needs, url = '' } = request.routeOptions.config;
    if (request.is404 || (needs === undefined && isPublic(request.method, url))) return;
    if (needs === undefined) throw new Error(`${request.method} ${url} does not say what it needs`);
    const access = await identify(request);
    if (access === undefined) return admitUnknown(request, needs);
    refuseForged(request, access);
    if (!allows(access, needs, request)) throw notAllowed(access, needs);
    admit(request, access, needs);
  }

  /** Nobody loses by a key what is open to everybody, nor by one without roles what is open to this machine. */
  function allows({ permissions, roles }: Access, needs: Needs, request: FastifyRequest): boolean {
    if (granted(needs, permissions) !== undefined) return true;
    return (
      (config.publicOperation && needs === 'observe') ||
      (roles.length === 0 && openFor(request, needs) !== undefined)
    );
  }

  function admitUnknown(request: FastifyRequest, needs: Needs): void {
    const found = openFor(request, needs);
    const isOver = sessionIdIn(request) !== undefined;
    const why = isOver ? 'The session has ended: sign in again.' : whatIsMissing(needs);
    if (found === undefined) throw unauthenticated(why, challenge(request, needs));
    admit(request, found, needs);
  }

  function openFor(request: FastifyRequest, needs: Needs): Access | undefined {
    const found = open.find(({ access }) => granted(needs, access.permissions) !== undefined);
    if (found !== undefined && !found.anyHost) refuseForeignHost(request);
    return found?.access;
  }

  return {
    callers,
    check,

    /** Whether the caller of a public route may also see this. Never throws. */
    async may(request: FastifyRequest, permission: Permission): Promise<boolean> {
      try {
        const access = await identify(request);
        if (access !== undefined) return allows(access, permission, request);
        return openFor(request, permission) !== undefined;
      } catch {
        return false;
      }
    },

    /** The session of the caller of a public route. Throws `csrf-token-wrong`, and `redis-unavailable`. */
    async sessionOf(request: FastifyRequest): Promise<string | undefined> {
      const access = await bySession(request);
      if (access !== undefined) refuseForged(request, access);
      return access?.session?.id;
    },

    /** Everything that callers may do who show nothing; for the answer to "who am I?". */
    openPermissions: new Set(open.flatMap(({ access }) => [...access.permissions])),
  };
}

/** Makes the guard check every route. `routes` lists them once they are registered; it throws if one states no needs. */
export function guardRoutes(app: Api, { check }: Pick<Guard, 'check'>) {
  const registered: { method: string; url: string; options: RouteOptions }[] = [];
  app.decorateRequest('access', undefined);
  app.addHook('onRoute', (options) => {
    for (const method of [options.method].flat()) registered.push({ method, url: options.url, options });
    const { config, schema } = options;
    if (config?.needs !== undefined && schema !== undefined) schema.security = securityFor(config.needs);
  });
  app.addHook('onRequest', check);
  return () =>
    registered.map(({ method, url, options: { config } }): GuardedRoute => {
      const needs = config?.needs;
      if (needs === undefined && !isPublic(method, url))
        throw new Error(`${method} ${url} does not say what its caller must be allowed to do (config.needs)`);
      return { method, url, needs };
    });
}

/** A route and what it needs; `undefined` if it is public. */
export type GuardedRoute = { method: string; url: string; needs: Needs | undefined };

/** The actor that the guard set on the request. Throws on a public route, which is a bug. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === undefined) throw new Error(`${request.method} ${request.url} has no guard`);
  return request.actor;
}

/** Whether the caller may also do this. */
export function may({ access }: FastifyRequest, permission: Permission): boolean {
  return access?.permissions.has(permission) ?? false;
}

/** The problem for what its roles do not allow. */
export function notAllowed(
  { type, name, roles }: Pick<Access, 'type' | 'name' | 'roles'>,
  needs: Needs,
  detail?: string,
): Problem {
  const who = type === 'apiKey' ? `The key ${name}` : `The operator ${name}`;
  const has = roles.length === 0 ? 'no role' : `the role ${roles.join(' and ')}`;
  const able = rolesFor(needs);
  const named = able.filter((role) => role !== 'none').join(', ');
  const other = able.includes('none') ? ', or a key without a role' : '';
  const why = detail === undefined ? '' : ` and ${detail}`;
  return new Problem('not-allowed', `${who} has ${has}${why}. This needs one of the roles ${named}${other}.`);
}

/** The problem for a sign-in that comes too soon after failures. */
export function tooManyFailures(waitMs: number): Problem {
  const seconds = Math.ceil(waitMs / 1_000);
  const detail = `Too many sign-ins failed. Try again in ${seconds} s.`;
  return new Problem('too-many-failures', detail, {}, { 'retry-after': String(seconds) });
}

function admit(request: FastifyRequest, access: Access, needs: Needs): void {
  const { type, name, roles } = access;
  const role = roles.find((one) => granted(needs, new Set(permissionsOf[one])) !== undefined);
  request.access = access;
  request.actor = role === undefined ? { type, name } : { type, name, role };
}

/** With a cookie a browser may be made to send a request; so what changes something needs a token that only our pages know. */
function refuseForged(request: FastifyRequest, { session }: Access): void {
  if (session === undefined || ['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return;
  if (isRightToken(request.headers['x-csrf-token'], csrfTokenOf(session.id))) return;
  const detail = 'With a session this needs the header X-CSRF-Token: the csrfToken of GET /api/session.';
  throw new Problem('csrf-token-wrong', detail);
}

function openTo({ hasKeys, hasLogin }: Callers, publicOperation: boolean): Open[] {
  const anonymous = { type: 'apiKey', name: 'anonymous', roles: [], isOpen: true } as const;
  const local = (roles: KeyRole[], permissions: ReadonlySet<Permission>): Open => ({
    access: { type: 'operator', name: 'local', roles, permissions, isOpen: true },
    anyHost: false,
  });
  return [
    ...(hasKeys ? [] : [{ access: { ...anonymous, permissions: permissionsFor([]) }, anyHost: false }]),
    // With keys only what operators had before: to read needs a key then.
    ...(hasLogin
      ? []
      : [hasKeys ? local(['operate'], new Set(OPERATORS)) : local(['admin'], permissionsFor(['admin']))]),
    ...(publicOperation
      ? [{ access: { ...anonymous, permissions: new Set(['observe'] as const) }, anyHost: true }]
      : []),
  ];
}

const OPERATORS: Permission[] = ['inspect', 'act', 'audit'];

const BEARER = 'Bearer realm="handover"';
const BASIC = 'Basic realm="handover operators", charset="UTF-8"';

function unauthenticated(detail: string, challenged: string): Problem {
  return new Problem('unauthenticated', detail, {}, { 'www-authenticate': challenged });
}

function whatIsMissing(needs: Needs): string {
  const key = 'The header "Authorization: Bearer <key>"';
  return rolesFor(needs).includes('operate')
    ? `${key}, or the name and password of an operator (Basic authentication), is missing.`
    : `${key} is missing.`;
}

/** A page's own script that gets a Basic challenge would make the browser ask for a password. */
function challenge({ headers }: FastifyRequest, needs: Needs): string {
  const able = rolesFor(needs);
  const isByScript = (headers['sec-fetch-mode'] ?? 'navigate') !== 'navigate';
  if (!able.includes('operate') || isByScript) return BEARER;
  return able.includes('none') ? `${BEARER}, ${BASIC}` : `${BASIC}, ${BEARER}`;
}

function securityFor(needs: Needs): Record<string, string[]>[] {
  const login = rolesFor(needs).includes('operate') ? [{ operator: [] }] : [];
  return [{ apiKey: [] }, ...login, { session: [] }];
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
