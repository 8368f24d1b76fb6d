import { keyRoles } from '@handover/core/config';
import type { SessionStore } from '@handover/core/redis';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Access, type Guard, tooManyFailures } from '../http/auth.ts';
import type { Caller } from '../http/callers.ts';
import { permissions } from '../http/permissions.ts';
import { documentProblems, Problem } from '../http/problems.ts';
import { csrfTokenOf, sessionCookie } from '../http/session-cookie.ts';
import type { Api, ApiParts } from '../parts.ts';

const tags = ['Access'];
const Secret = z.string().min(1).max(1_000);

const SignInBody = z
  .union([z.strictObject({ key: Secret }), z.strictObject({ user: Secret, password: Secret })])
  .meta({ id: 'SignIn' });

const SessionAnswer = z
  .object({
    name: z.string().describe('The name of the key or of the operator.'),
    kind: z
      .enum(['key', 'operator', 'open'])
      .describe('`open`: no sign-in required, since the API serves only this machine.'),
    roles: z.array(z.enum(keyRoles)).describe('Empty for a key without a role.'),
    permissions: z.array(z.enum(permissions)),
    csrfToken: z.string().nullable().describe('For the header `X-CSRF-Token`; null without a session.'),
    expiresAt: z.string().nullable().meta({ format: 'date-time' }).describe('Null without a session.'),
  })
  .meta({ id: 'Session' });

type SessionParts = Pick<ApiParts, 'config' | 'log'> & { sessions: SessionStore; guard: Guard };

/** Signs browsers in and out, and tells every caller who it is. */
export function addSessionRoutes(app: Api, parts: SessionParts): void {
  addSignIn(app, parts);
  addWho(app, parts);
  addSignOut(app, parts);
}

function addSignIn(app: Api, { config, log, sessions, guard: { callers } }: SessionParts): void {
  /** The caller; `name`: what failures count for, besides the address. */
  function find(body: z.infer<typeof SignInBody>): { caller: Caller | undefined; name: string | undefined } {
    if ('key' in body) return { caller: callers.ofKey(body.key), name: undefined };
    return { caller: callers.ofLogin(`${body.user}:${body.password}`), name: body.user };
  }

  app.post(
    '/api/session',
    {
      schema: {
        operationId: 'signIn',
        tags,
        summary: 'Sign in',
        description:
          'Begins a session for a browser, with an API key or the operator’s login: an HttpOnly cookie for 12 hours. What changes something then needs the header `X-CSRF-Token`. After some failures an address and a name must wait.',
        body: SignInBody,
        response: {
          200: SessionAnswer,
          ...documentProblems(
            'malformed-json',
            'empty-body',
            'unauthenticated',
            'body-too-large',
            'unsupported-media-type',
            'too-many-failures',
            'redis-unavailable',
            'redis-full',
          ),
        },
      },
    },
    async (request, reply) => {
      const { caller, name } = find(request.body);
      if (caller === undefined) {
        const waitMs = await sessions.failed(request.ip, name);
        log.warn({ from: request.ip }, 'session.refused');
        if (waitMs > 0) throw tooManyFailures(waitMs);
        throw new Problem('unauthenticated', 'The key, or the name and password, is wrong.');
      }
      const { type, name: called, roles, credential } = caller;
      const actor = { type, name: called, role: roles.join('+') };
      const begun = await sessions.signIn({ actor, credential, address: request.ip });
      if (!begun.signedIn) throw tooManyFailures(begun.waitMs);
      const cookie = sessionCookie(request, config.publicUrl, begun);
      return reply
        .code(200)
        .header('set-cookie', cookie)
        .send(view({ ...caller, session: begun }));
    },
  );
}

function addWho(app: Api, { guard }: SessionParts): void {
  app.get(
    '/api/session',
    {
      config: { needs: 'sign-in' },
      schema: {
        operationId: 'getSession',
        tags,
        summary: 'Who am I?',
        description: 'The caller, its roles and what they allow; with a session also the CSRF token.',
        response: { 200: SessionAnswer, ...documentProblems('unauthenticated', 'redis-unavailable') },
      },
    },
    async (request, reply) => {
      if (request.access === undefined) throw new Error('GET /api/session has no guard');
      const { access } = request;
      const shown = access.isOpen ? { ...access, permissions: guard.openPermissions } : access;
      return reply.code(200).send(view(shown));
    },
  );
}

function addSignOut(app: Api, { config, sessions, guard }: SessionParts): void {
  app.delete(
    '/api/session',
    {
      schema: {
        operationId: 'signOut',
        tags,
        summary: 'Sign out',
        description: 'Ends the session of the cookie, if any, and removes the cookie. Needs its CSRF token.',
        response: {
          204: z.undefined().describe('Signed out.'),
          ...documentProblems('redis-unavailable'),
        },
      },
    },
    async (request: FastifyRequest, reply: FastifyReply) => {
      const id = await guard.sessionOf(request);
      if (id !== undefined) await sessions.end(id);
      const cookie = sessionCookie(request, config.publicUrl, { id: '', expiresAt: 0 });
      return reply.code(204).header('set-cookie', cookie).send();
    },
  );
}

function view({
  type,
  name,
  roles,
  permissions: all,
  session,
  isOpen,
}: Access): z.infer<typeof SessionAnswer> {
  return {
    name,
    kind: isOpen ? 'open' : type === 'apiKey' ? 'key' : 'operator',
    roles: [...roles],
    permissions: permissions.filter((one) => all.has(one)),
    csrfToken: session === undefined ? null : csrfTokenOf(session.id),
    expiresAt: session === undefined ? null : new Date(session.expiresAt).toISOString(),
  };
}
