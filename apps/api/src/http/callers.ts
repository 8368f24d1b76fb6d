import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey, KeyRole } from '@handover/core/config';
import { type Permission, permissionsOf, type Role } from './permissions.ts';

/** Who may call, and what it may do. `roles`: empty for a key without any. */
export type Caller = {
  type: 'apiKey' | 'operator';
  name: string;
  roles: readonly KeyRole[];
  permissions: ReadonlySet<Permission>;
  /** Names what it signed in with, for sessions. It changes with the key or the password, and tells neither. */
  credential: string;
};

export type AccessSettings = {
  apiKeys: readonly Readonly<{ name: string; roles: readonly KeyRole[]; digest: ApiKey['digest'] }>[];
  admin?: { readonly user: string; readonly password: string } | undefined;
  /** Metrics and documentation for everybody. */
  publicOperation: boolean;
};

export type Callers = ReturnType<typeof createCallers>;

/** The callers of the configuration. Secrets are compared in constant time, with every one that is configured. */
export function createCallers({ apiKeys, admin }: Pick<AccessSettings, 'apiKeys' | 'admin'>) {
  const keys = apiKeys.map(({ name, roles, digest }) =>
    entry(Buffer.from(digest, 'hex'), { type: 'apiKey', name, roles }),
  );
  const logins =
    admin === undefined
      ? []
      : [entry(digestOf(`${admin.user}:${admin.password}`), operator(admin.user, ['operate']))];

  return {
    hasKeys: keys.length > 0,
    hasLogin: logins.length > 0,
    ofKey: (key: string) => match(keys, key),
    ofLogin: (login: string) => match(logins, login),
    ofCredential: (credential: string) =>
      [...keys, ...logins].find(({ caller }) => caller.credential === credential)?.caller,
  };
}

/** The permissions of a caller with these roles. */
export function permissionsFor(roles: readonly KeyRole[]): Set<Permission> {
  const all: readonly Role[] = roles.length === 0 ? ['none'] : roles;
  return new Set(all.flatMap((role) => permissionsOf[role]));
}

type Entry = { digest: Buffer; caller: Caller };
type Named = Pick<Caller, 'type' | 'name' | 'roles'>;

function operator(name: string, roles: KeyRole[]): Named {
  return { type: 'operator', name, roles };
}

function entry(digest: Buffer, named: Named): Entry {
  const credential = digestOf(`session ${digest.toString('hex')}`).toString('hex');
  return { digest, caller: { ...named, permissions: permissionsFor(named.roles), credential } };
}

function match(entries: Entry[], secret: string): Caller | undefined {
  const digest = digestOf(secret);
  return entries.filter((one) => timingSafeEqual(one.digest, digest))[0]?.caller;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
