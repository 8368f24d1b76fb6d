import { createHash, randomBytes } from 'node:crypto';
import type { Actor } from '../transfer/words.ts';
import { auditFields } from './audit.ts';
import type { RedisClient } from './connection.ts';
import { type Lane, laneKeys } from './keys.ts';
import { loadScripts } from './scripts.ts';

/** A session as stored. `credential` names what it was begun with: once that is no longer configured, the session has ended. */
export type Session = {
  credential: string;
  /** Epoch milliseconds by Redis' clock. */
  expiresAt: number;
};

export type SignIn = {
  actor: Actor;
  credential: string;
  /** Where it came from. */
  address: string;
};

export type SessionStore = ReturnType<typeof createSessionStore>;

const SESSION_MS = 12 * 3_600_000;
/** Sign-in after failures: of an address, which may be shared, and of a name, which others may try too. */
const SLOWED = {
  countForMs: 15 * 60_000,
  ...{ addressFree: 5, addressMostMs: 60_000 },
  ...{ nameFree: 20, nameMostMs: 15_000 },
};

/** Sessions in Redis, under the digest of their random id. Every function throws what Redis throws. */
export function createSessionStore(redis: RedisClient, lane: Lane) {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  const keyOf = (id: string) => keys.session(sha256(id));
  const waitsOf = (address: string, name: string | undefined) => ({
    addressWait: keys.signInWait(place(address)),
    nameWait: keys.signInWait(name === undefined ? place(address) : nameOf(name)),
  });

  return {
    /** Begins a session, unless its address or name must wait. Returns its id, which nobody else ever sees. */
    async signIn({ actor, credential, address }: SignIn) {
      const id = randomBytes(32).toString('base64url');
      const [what, value] = (await runScript('sessions/sign-in', {
        keys: {
          ...waitsOf(address, loginOf(actor)),
          audit: keys.audit,
          session: keyOf(id),
          // Failures with a key count for the address only, so those of a key's name never exist.
          nameFailures: keys.signInFailures(nameOf(loginOf(actor) ?? `key ${actor.name}`)),
        },
        args: {
          fields: JSON.stringify(['credential', credential]),
          forMs: SESSION_MS,
          audit: auditFields(actor, 'sign-in', '', address),
        },
      })) as [string, string | number];
      if (what === 'waits') return { signedIn: false, waitMs: Number(value) } as const;
      return { signedIn: true, id, expiresAt: Number(value) } as const;
    },

    /** Counts a failure. Returns for how many ms the next one must already wait; 0: it was counted. */
    async failed(address: string, name: string | undefined): Promise<number> {
      return Number(
        await runScript('sessions/failed', {
          keys: {
            ...waitsOf(address, name),
            addressFailures: keys.signInFailures(place(address)),
            nameFailures: keys.signInFailures(name === undefined ? place(address) : nameOf(name)),
          },
          args: SLOWED,
        }),
      );
    },

    /** For how many ms a sign-in from there with this name must wait. */
    async waitMs(address: string, name: string): Promise<number> {
      const { addressWait, nameWait } = waitsOf(address, name);
      return Math.max(0, ...(await Promise.all([redis.pttl(addressWait), redis.pttl(nameWait)])));
    },

    /** The session with this id; `undefined` if it ended or belongs to another installation. */
    async find(id: string): Promise<Session | undefined> {
      const [credential, expiresAt] = await redis.hmget(keyOf(id), 'credential', 'expiresAt');
      return credential == null ? undefined : { credential, expiresAt: Number(expiresAt) };
    },

    async end(id: string): Promise<void> {
      await redis.del(keyOf(id));
    },
  };
}

/** An IPv6 address counts with its network, since each host has many. */
function place(address: string): string {
  if (!address.includes(':') || address.includes('.')) return `address:${sha256(address)}`;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - last.length);
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `address:${sha256(all.slice(0, 4).join(':'))}`;
}

/** The name that others may have tried; a key has none. */
function loginOf({ type, name }: Actor): string | undefined {
  return type === 'operator' ? name : undefined;
}

function nameOf(name: string): string {
  return `name:${sha256(name)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
