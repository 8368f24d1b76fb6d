import { createHash } from 'node:crypto';
import { text } from './kinds.ts';

/** What a key may do, as docs/roles.md says. */
export const keyRoles = ['submit', 'read', 'train', 'operate', 'admin'] as const;
export type KeyRole = (typeof keyRoles)[number];

/**
 * A key of the API. `roles`: empty if none was given, which allows what every key could do before there were roles.
 * `digest`: SHA-256 of the key, hexadecimal; the key itself is not kept.
 */
export type ApiKey = { name: string; roles: KeyRole[]; digest: string };

const FORM =
  'must be name=key or name:role+role=key, separated by commas, with names of letters, digits, ".", "_" or "-" and keys of at least 8 characters';
const HASHED = 'sha256:';

/** `name[:role+role]=key,…`; a key may be given as `sha256:<hex>`. Messages never show what may be part of a key. */
export const apiKeys = text.transform((value, context): ApiKey[] => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  const given = value.split(',').map(parseKey);
  const usable = given.filter((one) => one !== undefined);
  if (usable.length < given.length) {
    refuse(FORM);
    return [];
  }
  const unknown = usable.flatMap(({ roles }) => roles).find((role) => !isRole(role));
  if (unknown !== undefined) refuse(`contains a role that is none of ${keyRoles.join(', ')}`);
  if (usable.some(({ digest }) => digest === ''))
    refuse('contains a key that begins with sha256: and does not go on with 64 hexadecimal digits');
  const keys = usable as ApiKey[];
  for (const { name, why } of contradictions(keys)) refuse(`contradicts itself: ${name} ${why}`);
  return keys;
});

function isRole(word: string): word is KeyRole {
  return (keyRoles as readonly string[]).includes(word);
}

function parseKey(pair: string): { name: string; roles: string[]; digest: string } | undefined {
  const at = pair.indexOf('=');
  const [name = '', ...rest] = pair.slice(0, Math.max(at, 0)).trim().split(':');
  const key = pair.slice(at + 1).trim();
  if (!/^[\w.-]{1,64}$/.test(name) || rest.length > 1 || key.length < 8 || /\s/.test(key)) return undefined;
  const roles = rest[0] === undefined ? [] : [...new Set(rest[0].split('+').map((role) => role.trim()))];
  return { name, roles, digest: digestOf(key) };
}

/** Of a hash its digits, '' if it is none; of a key its hash. */
function digestOf(key: string): string {
  if (!key.startsWith(HASHED)) return createHash('sha256').update(key).digest('hex');
  const digits = key.slice(HASHED.length).toLowerCase();
  return /^[\da-f]{64}$/.test(digits) ? digits : '';
}

/** Several keys of one name are one caller, so they must have the same roles; one key cannot be two callers with other roles. */
function contradictions(keys: ApiKey[]): { name: string; why: string }[] {
  const found = new Map<string, string>();
  keys.forEach(({ name, roles, digest }, index) => {
    for (const before of keys.slice(0, index)) {
      const isSameKey = before.digest === digest && digest !== '';
      if (before.name === name && isSameKey) found.set(name, 'has the same key twice');
      else if (before.name === name && !areSame(before.roles, roles))
        found.set(name, 'has keys with different roles; give each of its keys the same');
      else if (isSameKey && !areSame(before.roles, roles))
        found.set(name, `has the key of ${before.name}, with other roles`);
    }
  });
  return [...found].map(([name, why]) => ({ name, why }));
}

function areSame(some: readonly KeyRole[], others: readonly KeyRole[]): boolean {
  return some.length === others.length && some.every((role) => others.includes(role));
}
