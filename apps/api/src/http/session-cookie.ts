import { createHash, timingSafeEqual } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';

export const SESSION_COOKIE = 'handover_session';

/** The session id that a request carries. */
export function sessionIdIn({ headers }: FastifyRequest): string | undefined {
  const id = headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[SESSION_COOKIE];
  return id !== undefined && /^[\w-]{43}$/.test(id) ? id : undefined;
}

/** The `Set-Cookie` that begins a session until `expiresAt` (epoch ms), or ends it (`id` = ''). */
export function sessionCookie(
  { publicPath, protocol }: Pick<FastifyRequest, 'publicPath' | 'protocol'>,
  publicUrl: string | undefined,
  { id, expiresAt }: { id: string; expiresAt: number },
): string {
  return stringifySetCookie(SESSION_COOKIE, id, {
    httpOnly: true,
    sameSite: 'strict',
    secure: publicUrl?.startsWith('https:') === true || protocol === 'https',
    path: publicPath === '' ? '/' : publicPath,
    expires: new Date(expiresAt),
  });
}

/** The token of a session, which tells nothing of its id. */
export function csrfTokenOf(id: string): string {
  return createHash('sha256').update(`csrf ${id}`).digest('base64url');
}

export function isRightToken(given: string | string[] | undefined, right: string): boolean {
  if (typeof given !== 'string') return false;
  const [one, other] = [given, right].map((token) => createHash('sha256').update(token).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
