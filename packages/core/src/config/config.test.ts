import { describe, expect, test } from 'vitest';
import { defaultPolicies } from '../genesys/policies.ts';
import { ConfigError, describeConfig, isLoopback, parseConfig } from './config.ts';
import { fields } from './schema.ts';

type Env = Record<string, string | undefined>;
const api: Env = { GENESYS_BASE_URL: 'http://127.0.0.1:9' };
const worker: Env = { ...api, GENESYS_CLIENT_ID: 'id', GENESYS_CLIENT_SECRET: 'secret' };
const keys = { API_KEYS: 'crm=12345678', ADMIN_USER: 'admin', ADMIN_PASSWORD: 'long enough' };

/** What is wrong with an environment, in words. */
function problems(env: Env, role: 'api' | 'worker' = 'worker'): string[] {
  try {
    parseConfig(env, role);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('defaults', () => {
  // docs/configuration.md, as far as this version reads it.
  test.each([
    ['REDIS_URL', 'redis://127.0.0.1:6379'],
    ['REDIS_ALLOW_VOLATILE', 'false'],
    ['QUEUE_PREFIX', '{handover}'],
    ['HOST', '127.0.0.1'],
    ['PORT', '3000'],
    ['METRICS_PORT', '9464'],
    ['LOG_LEVEL', 'info'],
    ['GENESYS_TIMEOUT_MS', '10000'],
    ['TRANSFER_CONCURRENCY', '50'],
    ['TRANSFER_DEADLINE_MS', '900000'],
    ['TRANSFER_RETENTION_MS', '604800000'],
    ['SERVER_ERROR_RETRY_DELAY_MS', '30000'],
    ['SERVER_ERROR_MAX_RETRIES', '4'],
    ['CONFLICT_MAX_RETRIES', '3'],
    ['SETTLE_WINDOW_MS', '20000'],
    ['RESEND_IN_WINDOW', 'true'],
    ['UNCONFIRMED_MAX_MS', '3600000'],
    ['USER_CACHE_TTL_MS', '60000'],
    ['QUEUE_CACHE_TTL_MS', '5000'],
    ['PRIVATE_SIGNALS', 'secure-pause,recording-paused'],
    ['PRIVATE_UNKNOWN', 'reject'],
    ['PERMISSION_UNKNOWN', 'reject'],
    ['USER_TARGET_STATUSES', 'IDLE,INTERACTING'],
  ] as const)('%s is %s', (name, value) => {
    expect(fields[name].default).toBe(value);
  });

  test.each([
    ...['GENESYS_API', 'GENESYS_REGION', 'GENESYS_BASE_URL', 'GENESYS_LOGIN_URL', 'SANDBOX_URL'],
    ...['PRIVATE_ATTRIBUTE', 'PRIVATE_DIVISIONS', 'QUEUE_POLICY_FILE'],
    ...['GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET', 'API_KEYS', 'ADMIN_USER', 'ADMIN_PASSWORD'],
  ])('%s has none', (name) => {
    expect(fields[name as keyof typeof fields]).not.toHaveProperty('default');
  });

  test('become numbers and flags', () => {
    expect(parseConfig(worker, 'worker')).toMatchObject({
      redis: { url: 'redis://127.0.0.1:6379', sentinels: undefined, cluster: undefined },
      allowVolatileRedis: false,
      queuePrefix: '{handover}',
      host: '127.0.0.1',
      port: 3000,
      metricsPort: 9464,
      genesys: { dialect: 'voice', baseUrl: 'http://127.0.0.1:9', timeoutMs: 10_000 },
      concurrency: 50,
      retentionMs: 604_800_000,
      policy: {
        deadlineMs: 900_000,
        serverErrorRetryDelayMs: 30_000,
        serverErrorMaxRetries: 4,
        conflictMaxRetries: 3,
        settleWindowMs: 20_000,
        resendInWindow: true,
        recoveryMs: 900_000,
        recoveryPolicy: 'hold',
        unconfirmedMaxMs: 3_600_000,
      },
      cache: { userTtlMs: 60_000, queueTtlMs: 5_000 },
      apiKeys: [],
      admin: undefined,
    });
  });
});

describe('a mistake', () => {
  test('is told together with all others, in one message', () => {
    const wrong = {
      ...{ REDIS_URL: 'http://x', PORT: '70000', LOG_LEVEL: 'loud', REDIS_ALLOW_VOLATILE: 'yes' },
      ...{ GENESYS_TIMEOUT_MS: '10s', TRANSFER_CONCURRENCY: '0', API_KEYS: 'crm', QUEUE_PREFIX: 'a:b' },
      ...{ GENESYS_BASE_URL: 'nowhere', REDIS_SENTINELS: 'host', USER_CACHE_TTL_MS: '-1' },
    };
    expect(() => parseConfig(wrong, 'api')).toThrow(ConfigError);
    const told = problems(wrong, 'api');
    expect(told.map((line) => line.split(' ')[0]).sort()).toEqual(Object.keys(wrong).sort());
    expect(() => parseConfig(wrong, 'api')).toThrow(told.map((line) => `  ${line}`).join('\n'));
  });

  test.each<[string, Env, string]>([
    ['a key too short', { API_KEYS: 'crm=1234567' }, 'API_KEYS must be name=key'],
    ['a key with a space', { API_KEYS: 'crm=12345 678' }, 'API_KEYS must be name=key'],
    [
      'the same key twice',
      { API_KEYS: 'a=12345678,a=12345678' },
      'API_KEYS contradicts itself: a has the same key',
    ],
    [
      'one name with other roles',
      { API_KEYS: 'a:read=12345678,a=87654321' },
      'a has keys with different roles',
    ],
    [
      'one key with other roles',
      { API_KEYS: 'a:read=12345678,b=12345678' },
      'b has the key of a, with other roles',
    ],
    [
      'a role that does not exist',
      { API_KEYS: 'a:reed=12345678' },
      'API_KEYS contains a role that is none of submit',
    ],
    ['an empty role', { API_KEYS: 'a:=12345678' }, 'API_KEYS contains a role that is none of submit'],
    ['roles with a colon', { API_KEYS: 'a:read:submit=12345678' }, 'API_KEYS must be name=key'],
    [
      'a hash that is none',
      { API_KEYS: `a=sha256:${'0'.repeat(63)}` },
      'API_KEYS contains a key that begins with sha256:',
    ],
    ['a password too short', { ADMIN_USER: 'a', ADMIN_PASSWORD: 'short' }, 'ADMIN_PASSWORD '],
    ['a user without a password', { ADMIN_USER: 'a' }, 'ADMIN_USER and ADMIN_PASSWORD go together'],
    ['a password without a user', { ADMIN_PASSWORD: 'long enough' }, 'ADMIN_USER and ADMIN_PASSWORD go'],
    ['a node without a port', { REDIS_CLUSTER_NODES: 'a:1,b' }, 'REDIS_CLUSTER_NODES "b" is not host:port'],
    [
      'Sentinel and Cluster',
      { REDIS_SENTINELS: 'a:1', REDIS_CLUSTER_NODES: 'b:2' },
      'REDIS_SENTINELS and REDIS_CLUSTER_NODES exclude each other',
    ],
    [
      'a Cluster and a prefix without braces',
      { REDIS_CLUSTER_NODES: 'a:1', QUEUE_PREFIX: 'handover' },
      'QUEUE_PREFIX must contain a part in braces',
    ],
    [
      'a settle window within the time-out of a request',
      { SETTLE_WINDOW_MS: '10000' },
      'SETTLE_WINDOW_MS (10000) must be longer than GENESYS_TIMEOUT_MS (10000)',
    ],
    [
      'a network too narrow',
      { TRUSTED_PROXIES: '10.0.0.0/33' },
      'TRUSTED_PROXIES "10.0.0.0/33" is neither an',
    ],
    ['a name for a proxy', { TRUSTED_PROXIES: '::1,proxy' }, 'TRUSTED_PROXIES "proxy" is neither an address'],
    ['a public URL without its scheme', { PUBLIC_URL: 'example.org/calls' }, 'PUBLIC_URL must be a URL with'],
    ['a public URL by another scheme', { PUBLIC_URL: 'ftp://example.org' }, 'PUBLIC_URL must be a URL with'],
    [
      'a public URL with a query',
      { PUBLIC_URL: 'https://a.org/b?c=d' },
      'PUBLIC_URL must not contain a query',
    ],
    ['a public URL that names a host twice', { PUBLIC_URL: 'https://a.org//b.org' }, 'PUBLIC_URL must not'],
    [
      'a base URL with a fragment',
      { GENESYS_BASE_URL: 'http://a.org/#b' },
      'GENESYS_BASE_URL must not contain',
    ],
    ['no client for a worker', { GENESYS_CLIENT_ID: undefined }, 'GENESYS_CLIENT_ID is missing'],
    ['no secret for a worker', { GENESYS_CLIENT_SECRET: '' }, 'GENESYS_CLIENT_SECRET is missing'],
  ])('%s', (_, change, words) => {
    expect(problems({ ...worker, ...change })).toEqual([expect.stringContaining(words)]);
  });

  test('shows the value, cut short, and an example', () => {
    expect(problems({ ...worker, PORT: 'http' })).toEqual([
      'PORT must be a whole number; it is "http"; write for example PORT=3000',
    ]);
    const [told = ''] = problems({ ...worker, PUBLIC_URL: `x${'y'.repeat(500)}` });
    expect(told).toMatch(/it is "xy{79}…"; write for example PUBLIC_URL=https:\/\/example.org\/handover$/);
    const [url = ''] = problems({ ...worker, GENESYS_BASE_URL: 'http://me:hush@a.org' });
    expect(url).toContain('it is "http://***@a.org"');
    expect(problems({ ...worker, API_KEYS: 'crm' })).toEqual([
      expect.stringMatching(/; its value is secret and not shown; write for example API_KEYS=crm=</),
    ]);
  });

  test('each variable without a default has an example', () => {
    for (const [name, field] of Object.entries(fields))
      expect('default' in field || 'example' in field, name).toBe(true);
  });

  test('a near miss is refused if STRICT_CONFIG is true', () => {
    const env = { ...worker, API_KEY: 'a', REDIS_PORT: 'tcp://10.0.0.1:6379' };
    expect(problems(env)).toEqual([]);
    expect(problems({ ...env, STRICT_CONFIG: 'true' })).toEqual([
      'API_KEY is no variable of Handover: did you mean API_KEYS?',
    ]);
  });

  test('never shows the value of a secret', () => {
    const secret = 'hush hush';
    const wrong = { API_KEYS: `crm=${secret}`, ADMIN_PASSWORD: 'hush', REDIS_URL: `http://:hush@host` };
    expect(problems(wrong).map((problem) => problem.split(' ')[0])).toEqual(
      expect.arrayContaining(Object.keys(wrong)),
    );
    expect(problems(wrong).join()).not.toContain('hush');
  });
});

describe('the mode', () => {
  const billed = {
    ...{
      WEBHOOK_SECRET: 'a'.repeat(16),
      WEBHOOK_CALLBACK_URL: 'https://a.org/hook',
      BILLING_SYNTHESIZE: 'true',
    },
    ...{ BILLING_URL: 'https://b.org', BILLING_SECRET: 'b'.repeat(16), BILLING_DATABASE_URL: 'postgres://c' },
  };

  test('is live unless it is shadow', () => {
    expect(parseConfig(worker, 'worker')).toMatchObject({ mode: 'live', policy: { shadow: false } });
    expect(parseConfig({ ...worker, HANDOVER_MODE: 'shadow' }, 'worker')).toMatchObject({
      ...{ mode: 'shadow', policy: { shadow: true } },
    });
    for (const HANDOVER_MODE of ['Shadow', 'dry-run', 'true'])
      expect(problems({ ...worker, HANDOVER_MODE })).toEqual([
        `HANDOVER_MODE must be live or shadow; it is "${HANDOVER_MODE}"; write for example HANDOVER_MODE=live`,
      ]);
  });

  test.each(['api', 'worker'] as const)('shadow has keys of its own in Redis (%s)', (role) => {
    const shadow = { ...worker, HANDOVER_MODE: 'shadow', REDIS_CLUSTER_NODES: 'a:1' };
    const own = parseConfig(shadow, role);
    expect(own.queuePrefix).toBe('{handover}-shadow');
    expect(own.redis.cluster?.prefix).toBe('{handover}-shadow');
    expect(parseConfig({ ...shadow, QUEUE_PREFIX: '{crm}' }, role).queuePrefix).toBe('{crm}-shadow');
    for (const HANDOVER_MODE of ['live', 'shadow'])
      expect(problems({ ...worker, HANDOVER_MODE, QUEUE_PREFIX: '{handover}-shadow' }, role)).toEqual([
        expect.stringContaining('QUEUE_PREFIX must not end with "-shadow": HANDOVER_MODE=shadow appends it'),
      ]);
  });

  test('shadow registers no webhook, accepts no event and bills nothing, whatever is set', () => {
    const none = {
      webhook: { secrets: [], callbackUrl: undefined },
      billing: { ...{ isOn: false, synthesize: false, url: undefined }, databaseUrl: undefined },
    };
    expect(parseConfig({ ...worker, ...billed, HANDOVER_MODE: 'shadow' }, 'worker')).toMatchObject(none);
    expect(parseConfig({ ...worker, ...billed }, 'worker')).toMatchObject({
      ...{ webhook: { secrets: ['a'.repeat(16)] }, billing: { isOn: true, url: 'https://b.org' } },
    });
  });
});

describe('the dialect', () => {
  const live: Env = { ...worker, GENESYS_BASE_URL: undefined };

  test.each<[string, Env, object]>([
    [
      'only a region is set',
      { GENESYS_REGION: 'eu-west-2' },
      { baseUrl: 'https://api.euw2.pure.cloud', loginUrl: 'https://login.euw2.pure.cloud' },
    ],
    [
      'only a domain is set',
      { GENESYS_REGION: 'MyPureCloud.de' },
      { baseUrl: 'https://api.mypurecloud.de', loginUrl: 'https://login.mypurecloud.de' },
    ],
    [
      'the hosts are overridden',
      {
        ...{ GENESYS_API: 'platform', GENESYS_REGION: 'us-east-1' },
        ...{ GENESYS_BASE_URL: 'http://127.0.0.1:9', GENESYS_LOGIN_URL: 'http://127.0.0.1:8' },
      },
      { baseUrl: 'http://127.0.0.1:9', loginUrl: 'http://127.0.0.1:8' },
    ],
    [
      'a host serves the tokens too',
      { GENESYS_API: 'platform', GENESYS_BASE_URL: 'http://127.0.0.1:9' },
      { baseUrl: 'http://127.0.0.1:9', loginUrl: undefined },
    ],
  ])('is the Platform API where %s', (_, change, hosts) => {
    expect(parseConfig({ ...live, ...change }, 'worker').genesys).toMatchObject({
      dialect: 'platform',
      ...hosts,
    });
  });

  test('is the voice API with a base URL, whatever the region', () => {
    const env = { ...worker, GENESYS_REGION: 'eu-west-2' };
    expect(parseConfig(env, 'worker').genesys).toMatchObject({
      dialect: 'voice',
      baseUrl: 'http://127.0.0.1:9',
    });
  });

  test.each<[string, Env, string]>([
    ['no region', {}, 'GENESYS_REGION is missing: the AWS region or the domain'],
    [
      'a region that is none',
      { GENESYS_REGION: 'eu-west-9' },
      'GENESYS_REGION "eu-west-9" is no region of Genesys Cloud; it is one of us-east-1,',
    ],
    [
      'a host in place of a region',
      { GENESYS_REGION: 'https://api.euw2.pure.cloud/' },
      'GENESYS_REGION is the address of a host, not a region: "eu-west-2" or "euw2.pure.cloud" is meant',
    ],
    [
      'a webhook',
      {
        ...{ GENESYS_REGION: 'eu-west-2', WEBHOOK_SECRET: 'a-secret-of-16-chars' },
        WEBHOOK_CALLBACK_URL: 'https://a.example/webhooks/billing-sync',
      },
      'WEBHOOK_CALLBACK_URL cannot be used with GENESYS_API=platform',
    ],
  ])('platform is refused with %s', (_, change, words) => {
    expect(problems({ ...live, ...change })).toEqual([expect.stringContaining(words)]);
  });

  test('how old a reading may be can be set', () => {
    expect(parseConfig({ ...worker, READ_LAG_MS: '250' }, 'worker').genesys.readLagMs).toBe(250);
    expect(parseConfig(worker, 'worker').genesys.readLagMs).toBeUndefined();
  });

  test('voice finds its host by the region, where no base URL is given', () => {
    const env = { ...worker, GENESYS_BASE_URL: undefined, GENESYS_API: 'voice', GENESYS_REGION: 'acme' };
    expect(parseConfig(env, 'worker').genesys.baseUrl).toBe('https://acme.mypurecloud.com');
  });

  test('voice without base URL and region is refused', () => {
    expect(problems({ ...worker, GENESYS_BASE_URL: undefined, GENESYS_API: 'voice' })).toEqual([
      'GENESYS_BASE_URL or GENESYS_REGION must be set to locate the voice API',
    ]);
  });

  test('a base URL loses the slash at its end', () => {
    const env = { ...worker, GENESYS_BASE_URL: 'http://127.0.0.1:9/base//' };
    expect(parseConfig(env, 'worker').genesys.baseUrl).toBe('http://127.0.0.1:9/base');
  });
});

describe('open to the world', () => {
  test.each(['0.0.0.0', '::', '192.168.1.2', 'example.org'])('HOST=%s needs keys and an operator', (HOST) => {
    const told = problems({ ...api, HOST }, 'api');
    expect(told).toEqual([
      expect.stringMatching(/^API_KEYS is missing/),
      expect.stringMatching(/^ADMIN_USER is missing/),
      expect.stringMatching(/^ADMIN_PASSWORD is missing/),
    ]);
    expect(problems({ ...api, ...keys, HOST }, 'api')).toEqual([]);
  });

  test.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('HOST=%s needs none', (HOST) => {
    expect(isLoopback(HOST)).toBe(true);
    expect(problems({ ...api, HOST }, 'api')).toEqual([]);
  });

  test.each(['127.0.0.1.example.org', '1127.0.0.1', 'localhost.example.org', '128.0.0.1', ''])(
    '%s is no loopback',
    (host) => expect(isLoopback(host)).toBe(false),
  );

  test('a worker needs no keys, wherever its metrics listen', () => {
    expect(problems({ ...worker, HOST: '0.0.0.0' })).toEqual([]);
  });
});

describe('the start-up log', () => {
  const hidden = {
    ...{ API_KEYS: 'crm=hush-hush', ADMIN_PASSWORD: 'hush-hush', GENESYS_CLIENT_SECRET: 'hush-hush' },
    REDIS_URL: 'rediss://user:hush-hush@redis.example.org:6380/2',
  };

  test('shows no secret', () => {
    const shown = describeConfig({ ...worker, ...hidden });
    expect(JSON.stringify(shown)).not.toContain('hush');
    expect(shown).toMatchObject({ API_KEYS: '•••', ADMIN_PASSWORD: '•••', GENESYS_CLIENT_SECRET: '•••' });
    expect(shown.REDIS_URL).toBe('rediss://user:***@redis.example.org:6380/2');
  });

  test.each([
    ['in percent-encoding', 'redis://:h%75sh%40hush@host:1', 'redis://:***@host:1'],
    ['without a user', 'redis://:hush@host:1', 'redis://:***@host:1'],
    ['in the query', 'redis://host:1?password=hush', 'redis://host:1'],
  ])('masks a password %s', (_, url, masked) => {
    const shown = describeConfig({ ...worker, REDIS_URL: url }).REDIS_URL;
    expect(shown).not.toMatch(/h(u|%75)sh/);
    expect(shown?.replace(/\?.*$/, '')).toBe(masked);
  });

  test.each(['GENESYS_BASE_URL', 'GENESYS_LOGIN_URL', 'SANDBOX_URL'])('masks a password in %s', (name) => {
    const shown = describeConfig({ ...worker, [name]: 'https://user:hush@example.org/base' });
    expect(shown[name]).toContain('example.org/base');
    expect(shown[name]).not.toContain('hush');
  });

  test('shows defaults and what is set, and leaves out what is neither', () => {
    const shown = describeConfig({ ...worker, PORT: '1', HOME: '/root' });
    expect(shown).toMatchObject({ PORT: '1', METRICS_PORT: '9464', GENESYS_CLIENT_ID: 'id' });
    expect(shown).not.toHaveProperty('SANDBOX_URL');
    expect(shown).not.toHaveProperty('HOME');
  });
});

test('the configuration is frozen, all the way down', () => {
  const config = parseConfig({ ...worker, ...keys, REDIS_SENTINELS: 'a:1,[::1]:2' }, 'worker');
  expect(config.redis.sentinels?.nodes).toEqual([
    { host: 'a', port: 1 },
    { host: '::1', port: 2 },
  ]);
  const isFrozen = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen));
  expect(isFrozen(config)).toBe(true);
});

test('an empty or blank variable counts as absent', () => {
  const empty = Object.fromEntries(Object.keys(fields).map((name) => [name, name.length % 2 ? '' : '  ']));
  expect(parseConfig({ ...empty, ...worker }, 'worker')).toEqual(parseConfig(worker, 'worker'));
});

test('unknown variables are left alone', () => {
  expect(problems({ ...worker, PATH: '/bin', GENESYS_UNKNOWN: 'x' })).toEqual([]);
});

test.each<[string, Env, object]>([
  ['without a secret', {}, { isOn: false, from: 'events' }],
  ['with a secret', { WEBHOOK_SECRET: 'a-secret-of-16-characters' }, { isOn: true, from: 'events' }],
  ['on the Platform API', { GENESYS_API: 'platform' }, { isOn: true, from: 'records' }],
  [
    'in shadow on the Platform API',
    { GENESYS_API: 'platform', HANDOVER_MODE: 'shadow' },
    { isOn: false, from: 'records' },
  ],
])('billing %s', (_what, change, billing) => {
  expect(parseConfig({ ...worker, ...change }, 'worker').billing).toMatchObject(billing);
});

test('on the Platform API no secret makes anything an event', () => {
  const env = { ...worker, GENESYS_API: 'platform', WEBHOOK_SECRET: 'a-secret-of-16-characters' };
  expect(parseConfig(env, 'worker').webhook.secrets).toEqual([]);
});

describe('policies', () => {
  const policies = (given: Env) => parseConfig({ ...worker, ...given }, 'worker').policies;

  test('are the defaults of the dialect where nothing is set', () => {
    const { queues, ...others } = defaultPolicies;
    expect(policies({})).toEqual({ ...others, privacy: { ...others.privacy, attribute: undefined } });
  });

  test('are read as lists, words and an attribute', () => {
    expect(
      policies({
        ...{ PRIVATE_SIGNALS: 'recording-paused', PRIVATE_ATTRIBUTE: 'vip = a=b', PRIVATE_UNKNOWN: 'allow' },
        ...{ PRIVATE_DIVISIONS: 'd1, d2,', PERMISSION_UNKNOWN: 'allow', USER_TARGET_STATUSES: 'IDLE' },
      }),
    ).toEqual({
      privacy: {
        ...{ signals: ['recording-paused'], attribute: { name: 'vip', value: 'a=b' } },
        ...{ divisions: ['d1', 'd2'], unknown: 'allow' },
      },
      ...{ permissionUnknown: 'allow', userStatuses: ['IDLE'] },
    });
    expect(policies({ PRIVATE_ATTRIBUTE: 'vip' }).privacy.attribute).toEqual({ name: 'vip' });
    expect(policies({ PRIVATE_SIGNALS: 'none', USER_TARGET_STATUSES: 'any' })).toMatchObject({
      ...{ privacy: { signals: [] }, userStatuses: 'any' },
    });
  });

  test.each([
    ['PRIVATE_SIGNALS', 'secure', '"secure" is none of secure-pause, recording-paused (or none alone)'],
    [
      'PRIVATE_SIGNALS',
      'secure-pause,none',
      '"none" is none of secure-pause, recording-paused (or none alone)',
    ],
    ['PRIVATE_ATTRIBUTE', '=yes', 'must be name=value or name'],
    ['PRIVATE_UNKNOWN', 'maybe', 'must be reject or allow'],
    ['PERMISSION_UNKNOWN', 'true', 'must be reject or allow'],
    [
      'USER_TARGET_STATUSES',
      'idle',
      '"idle" is none of OFF_QUEUE, IDLE, INTERACTING, NOT_RESPONDING, COMMUNICATING (or any alone)',
    ],
  ])('%s=%s %s', (name, value, words) => {
    expect(problems({ ...worker, [name]: value })).toEqual([
      expect.stringContaining(`${name} ${words}; it is "${value}"; write for example ${name}=`),
    ]);
  });
});
