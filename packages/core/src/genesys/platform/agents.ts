import type { AgentReader, Failure, Reading } from '../../transfer/ports.ts';
import type { Cache } from '../http/cache.ts';
import type { Client } from '../http/client.ts';
import type { Policies } from '../policies.ts';
import { Authorization, type Grants, grantedBy, type Person, toAgent, toPerson, User } from './people.ts';
import { read } from './read.ts';

export type AgentParts = { client: Client; cache: Cache; userTtlMs: number; policies: Policies };

/** The user, and the roles where the user comes without. */
export const AGENT_REQUESTS = 2;

/** Reads what an agent may do. */
export function createAgentReader({ client, cache, userTtlMs, policies }: AgentParts): AgentReader {
  const get = (operation: string, path: string, signal: AbortSignal) =>
    client.request({ operation, method: 'GET', path, signal });

  async function readPerson(userId: string, signal: AbortSignal): Promise<Reading<Person>> {
    const path = `/api/v2/users/${encodeURIComponent(userId)}`;
    const person = read(
      { phase: 'agent', id: userId },
      await get('user', `${path}?expand=authorization`, signal),
      User,
      toPerson,
    );
    if (!person.ok || person.value.granted !== null) return person;
    // Expanded on a best-effort basis; the exact request needs a permission that the client may lack.
    const granted: Reading<Grants> = read(
      { phase: 'agent' },
      await get('roles', `${path}/roles`, signal),
      Authorization,
      grantedBy,
    );
    const requests = [...person.requests, ...granted.requests];
    if (!granted.ok && !isRefused(granted.failure)) return { ...granted, requests };
    return { ...person, value: { ...person.value, granted: granted.ok ? granted.value : null }, requests };
  }

  return {
    async readAgent({ userId, target, fallback }, signal) {
      const what = { kind: 'person', id: userId, ttlMs: userTtlMs } as const;
      const person = await cache.remember(what, () => readPerson(userId, signal));
      if (!person.ok) return person;
      const types = [target, fallback].flatMap((one) => (one === undefined ? [] : [one.type]));
      return { ...person, value: toAgent(person.value, types, policies.permissionUnknown) };
    },
  };
}

/** Genesys will not say, rather than not now. */
function isRefused(failure: Failure): boolean {
  if (failure.kind !== 'answered') return false;
  return ['forbidden', 'not-found', 'gone', 'needs-user', 'invalid'].includes(failure.means ?? 'unwell');
}
