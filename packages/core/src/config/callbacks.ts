import { TRIED_FOR_MS } from '../callbacks/deliver.ts';
import { whyNotCalled } from '../callbacks/receiver-url.ts';
import type { Role } from './schema.ts';

/** The variables of callbacks, and those that they depend on. */
type Values = {
  CALLBACKS?: readonly { key: string; url: string }[] | undefined;
  CALLBACK_SECRET?: readonly { of?: string | undefined; secret: string }[] | undefined;
  CALLBACK_ALLOW_PRIVATE?: boolean | undefined;
  API_KEYS?: readonly { name: string }[] | undefined;
  TRANSFER_RETENTION_MS?: number | undefined;
};

/** The name of whoever asks an API without keys. */
const ANYBODY = 'anonymous';

/** What is wrong with the configuration of callbacks; `given` also knows variables whose own value is invalid. */
export function checkCallbacks(values: Values, given: (name: keyof Values) => boolean, role: Role): string[] {
  const { CALLBACKS: receivers, CALLBACK_SECRET: secrets, TRANSFER_RETENTION_MS: retentionMs } = values;
  if (receivers === undefined) return [];
  const problems: string[] = [];
  const names = receivers.map(({ key }) => key);
  for (const { key, url } of receivers) {
    const why = whyNotCalled(url, values.CALLBACK_ALLOW_PRIVATE === true);
    if (why !== undefined) problems.push(`CALLBACKS: the URL of "${key}" ${why}`);
  }
  const known = knownKeys(values, given, role);
  const unknown = names.filter((name) => known !== undefined && !known.includes(name));
  if (unknown.length > 0)
    problems.push(
      `CALLBACKS names ${quoted(unknown)}, and there is no such key in API_KEYS: ${whatThereIs(known ?? [])}`,
    );
  if (role === 'worker' && !given('CALLBACK_SECRET'))
    problems.push('CALLBACK_SECRET is missing: callbacks are signed with it');
  if (secrets !== undefined) problems.push(...checkSecrets(names, secrets));
  if (retentionMs !== undefined && retentionMs < TRIED_FOR_MS)
    problems.push(
      `TRANSFER_RETENTION_MS must be at least ${TRIED_FOR_MS} with CALLBACKS: a callback is tried for a day, and is kept with its transfer`,
    );
  return problems;
}

/** The receivers with their secrets. */
export function receiversOf({ CALLBACKS = [], CALLBACK_SECRET = [], CALLBACK_ALLOW_PRIVATE }: Values) {
  return CALLBACKS.map(({ key, url }) => ({
    ...{ key, url: new URL(url).href },
    secrets: secretsOf(key, CALLBACK_SECRET),
    allowPrivate: CALLBACK_ALLOW_PRIVATE === true,
  }));
}

/** `undefined` if this process cannot tell: a worker needs no API keys. */
function knownKeys({ API_KEYS: keys }: Values, given: (name: keyof Values) => boolean, role: Role) {
  if (keys !== undefined) return keys.map(({ name }) => name);
  return role === 'api' && !given('API_KEYS') ? [ANYBODY] : undefined;
}

function whatThereIs(known: readonly string[]): string {
  return known[0] === ANYBODY
    ? `without API_KEYS every upstream is called "${ANYBODY}"`
    : `it has ${quoted(known)}`;
}

function checkSecrets(names: readonly string[], secrets: Values['CALLBACK_SECRET'] & {}): string[] {
  const strangers = secrets.flatMap(({ of }) => (of === undefined || names.includes(of) ? [] : [of]));
  const without = names.filter((name) => secretsOf(name, secrets).length === 0);
  const unclear = names.filter((name) => secrets.some(({ secret }) => secret.startsWith(`${name}=`)));
  return [
    ...strangers.map((name) => `CALLBACK_SECRET has a secret for "${name}", which is not in CALLBACKS`),
    ...without.map((name) => `CALLBACK_SECRET has no secret for "${name}"`),
    ...unclear.map((name) => `CALLBACK_SECRET: the secret for "${name}" alone must begin with whsec_`),
  ];
}

/** Those of a key alone, else those of everybody. */
function secretsOf(key: string, secrets: Values['CALLBACK_SECRET'] & {}): string[] {
  const own = secrets.filter(({ of }) => of === key);
  const shared = secrets.filter(({ of }) => of === undefined);
  return (own.length > 0 ? own : shared).map(({ secret }) => secret);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
