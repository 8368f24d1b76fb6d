import { expect, test } from 'vitest';
import { ConfigError, describeConfig, parseConfig } from './config.ts';
import type { Role } from './schema.ts';

const SECRET = `whsec_${Buffer.from('a secret that everybody shares').toString('base64')}`;
const OWN = `whsec_${Buffer.from('a secret of the dialer alone').toString('base64')}`;
const GOOD = {
  ...{ GENESYS_BASE_URL: 'https://voice.example', GENESYS_CLIENT_ID: 'c', GENESYS_CLIENT_SECRET: 's' },
  ...{ API_KEYS: 'crm=key-of-crm,dialer=key-of-dialer', CALLBACK_SECRET: SECRET },
  CALLBACKS: 'crm=https://crm.example/a?b=c%2Cd, dialer=https://dialer.example/',
};

const parse = (env: Record<string, string>, role: Role = 'worker') => parseConfig({ ...GOOD, ...env }, role);

function problems(env: Record<string, string>, role: Role = 'worker'): string[] {
  try {
    parse(env, role);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('each receiver has its URL and secrets', () => {
  expect(parse({}).callbacks).toEqual({
    keys: ['crm', 'dialer'],
    forMs: 86_400_000,
    receivers: [
      { key: 'crm', url: 'https://crm.example/a?b=c%2Cd', secrets: [SECRET], allowPrivate: false },
      { key: 'dialer', url: 'https://dialer.example/', secrets: [SECRET], allowPrivate: false },
    ],
  });
  const { receivers } = parse({ CALLBACK_SECRET: `${SECRET}, dialer=${OWN},an-older-shared-one` }).callbacks;
  expect(receivers.map(({ secrets }) => secrets)).toEqual([[SECRET, 'an-older-shared-one'], [OWN]]);
});

test.each<[Record<string, string>, RegExp]>([
  [
    { CALLBACKS: 'erp=https://erp.example/' },
    /^CALLBACKS names "erp", and .* API_KEYS: it has "crm", "dialer"$/,
  ],
  [{ CALLBACKS: 'crm=https://169.254.169.254/' }, /^CALLBACKS: the URL of "crm" leads to 169\.254\.169\.254/],
  [{ CALLBACKS: 'crm=http://crm.example/' }, /^CALLBACKS: the URL of "crm" must use https/],
  [{ CALLBACKS: 'crm=https://u:p@crm.example/' }, /^CALLBACKS: the URL of "crm" must not contain a user/],
  [{ CALLBACKS: 'https://crm.example/' }, /^CALLBACKS must be key=URL/],
  [{ CALLBACKS: 'crm=https://a.example,crm=https://b.example' }, /^CALLBACKS names a key twice/],
  [{ CALLBACK_SECRET: '' }, /^CALLBACK_SECRET is missing/],
  [{ CALLBACK_SECRET: `crm=${OWN}` }, /^CALLBACK_SECRET has no secret for "dialer"$/],
  [{ CALLBACK_SECRET: `${SECRET},erp=${OWN}` }, /^CALLBACK_SECRET has a secret for "erp", which is not/],
  [{ CALLBACK_SECRET: 'whsec_???????????????????' }, /^CALLBACK_SECRET contains a secret .* not base64/],
  [
    { CALLBACK_SECRET: 'dialer=not-a-standard-one' },
    /^CALLBACK_SECRET: the secret for "dialer" alone must begin/,
  ],
  [{ TRANSFER_RETENTION_MS: '86399999' }, /^TRANSFER_RETENTION_MS must be at least 86400000 with CALLBACKS/],
])('%o is refused in words', (env, why) => {
  expect(problems(env)).toEqual([expect.stringMatching(why)]);
});

test('an API without keys knows one name; a worker needs no keys', () => {
  const open = { API_KEYS: '', CALLBACKS: 'anonymous=https://a.example/' };
  expect(problems(open, 'api')).toEqual([]);
  expect(problems({ API_KEYS: '' }, 'worker')).toEqual([]);
  expect(problems({ API_KEYS: '' }, 'api')).toEqual([
    'CALLBACKS names "crm", "dialer", and there is no such key in API_KEYS: without API_KEYS every upstream is called "anonymous"',
  ]);
});

test('private addresses only where they are allowed; nothing in shadow mode; nothing secret in the log', () => {
  const inside = { CALLBACKS: 'crm=http://10.0.0.1/hook?token=geheim', CALLBACK_ALLOW_PRIVATE: 'true' };
  expect(problems(inside)).toEqual([]);
  expect(problems({ ...inside, CALLBACK_ALLOW_PRIVATE: 'false' }).join()).not.toContain('geheim');
  expect(parse({ HANDOVER_MODE: 'shadow' }).callbacks).toMatchObject({ receivers: [], keys: [] });
  expect(JSON.stringify(describeConfig({ ...GOOD, ...inside }))).not.toMatch(/geheim|whsec/);
});
