import type { DeliveryPolicy } from '../billing/deliver.ts';
import { TRIED_FOR_MS } from '../callbacks/deliver.ts';
import type { DialectName } from '../genesys/dialect.ts';
import { findRegion } from '../genesys/platform/regions.ts';
import { defaultPolicies, type Policies } from '../genesys/policies.ts';
import type { RedisSettings } from '../redis/connection.ts';
import type { Mode, Policy } from '../transfer/policy.ts';
import { checkCallbacks, receiversOf } from './callbacks.ts';
import { nearMisses } from './near-misses.ts';
import { fields, type Role, SHADOW_SUFFIX, type Variable } from './schema.ts';

/** The configuration is invalid; the message lists every invalid variable, one per line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The configuration is invalid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

type Values = { [V in Variable]: ReturnType<(typeof fields)[V]['schema']['parse']> | undefined };

const MAX_INTERRUPTIONS = 20;
/** Slightly longer than the platform's minute, since network delay varies. */
const BUDGET_WINDOW_MS = 61_000;
const LONGEST_DELIVERY_DELAY_MS = 3_600_000;

export type Config = ReturnType<typeof parseConfig>;

/**
 * Parses the environment; ignores unknown variables (but see `nearMisses`), and treats empty ones as absent.
 * Returns a frozen configuration; throws a ConfigError that lists every invalid variable.
 */
export function parseConfig(env: Record<string, string | undefined>, role: Role) {
  const { config, problems } = readConfig(env, role);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** The same for a diagnosis: also what is usable of an invalid environment, and each problem, which begins with its variable. */
export function readConfig(env: Record<string, string | undefined>, role: Role) {
  const problems: string[] = [];
  const { values: given, bad } = parseFields(env, problems);
  if (given.STRICT_CONFIG === true) problems.push(...nearMisses(env).map(({ words }) => words));
  const api = dialectOf(given);
  problems.push(...crossCheck(given, bad, api, role));
  const mode: Mode = given.HANDOVER_MODE ?? 'live';
  const values = mode === 'shadow' ? inShadow(given) : given;
  const billedFrom: 'events' | 'records' = api === 'platform' ? 'records' : 'events';
  const config = {
    mode,
    redis: redisSettings(values),
    replicas: {
      forIntents: values.REDIS_MIN_REPLICAS ?? (isReplicated(values) ? 1 : 0),
      forAcceptance: values.ACCEPT_AFTER_REPLICAS ?? 0,
    },
    allowVolatileRedis: values.REDIS_ALLOW_VOLATILE === true,
    queuePrefix: values.QUEUE_PREFIX ?? '',
    host: values.HOST ?? '',
    port: values.PORT ?? 0,
    metricsPort: values.METRICS_PORT ?? 0,
    publicUrl: values.PUBLIC_URL,
    trustedProxies: values.TRUSTED_PROXIES ?? [],
    waitsPerKey: values.OPEN_WAITS_PER_KEY ?? 0,
    logLevel: values.LOG_LEVEL ?? 'info',
    // The SDK reads its other settings from OTEL_… itself.
    tracing: { isOn: values.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined },
    genesys: {
      dialect: api,
      ...hostsOf(values, api),
      readLagMs: values.READ_LAG_MS,
      clientId: values.GENESYS_CLIENT_ID ?? '',
      clientSecret: values.GENESYS_CLIENT_SECRET ?? '',
      timeoutMs: values.GENESYS_TIMEOUT_MS ?? 0,
      budget: { requests: values.GENESYS_REQUESTS_PER_MINUTE ?? 0, windowMs: BUDGET_WINDOW_MS },
    },
    policies: policiesOf(values),
    queuePolicyFile: values.QUEUE_POLICY_FILE,
    sandboxUrl: values.SANDBOX_URL,
    concurrency: values.TRANSFER_CONCURRENCY ?? 0,
    retentionMs: values.TRANSFER_RETENTION_MS ?? 0,
    policy: {
      deadlineMs: values.TRANSFER_DEADLINE_MS ?? 0,
      serverErrorRetryDelayMs: values.SERVER_ERROR_RETRY_DELAY_MS ?? 0,
      serverErrorMaxRetries: values.SERVER_ERROR_MAX_RETRIES ?? 0,
      conflictMaxRetries: values.CONFLICT_MAX_RETRIES ?? 0,
      settleWindowMs: values.SETTLE_WINDOW_MS ?? 0,
      resendInWindow: values.RESEND_IN_WINDOW ?? true,
      recoveryMs: values.REDIS_RECOVERY_MS ?? 0,
      recoveryPolicy: values.REDIS_RECOVERY_POLICY ?? 'hold',
      unconfirmedMaxMs: values.UNCONFIRMED_MAX_MS ?? 0,
      maxInterruptions: MAX_INTERRUPTIONS,
      shadow: mode === 'shadow',
    } satisfies Policy,
    cache: { userTtlMs: values.USER_CACHE_TTL_MS ?? 0, queueTtlMs: values.QUEUE_CACHE_TTL_MS ?? 0 },
    webhook: {
      // Where no events come, nothing may be accepted as one.
      secrets: billedFrom === 'events' ? (values.WEBHOOK_SECRET ?? []) : [],
      callbackUrl: callbackUrl(values),
    },
    billing: {
      isOn:
        (billedFrom === 'records' && mode === 'live') ||
        values.WEBHOOK_SECRET !== undefined ||
        values.BILLING_SYNTHESIZE === true,
      /** `records`: no events come, so each transfer that happened is billed from our own record. */
      from: billedFrom,
      url: values.BILLING_URL,
      secret: values.BILLING_SECRET?.[0],
      databaseUrl: values.BILLING_DATABASE_URL,
      reorderWindowMs: values.BILLING_REORDER_WINDOW_MS ?? 0,
      matchWindowMs: values.BILLING_MATCH_WINDOW_MS ?? 0,
      synthesize: values.BILLING_SYNTHESIZE === true,
      delivery: {
        retryDelayMs: values.BILLING_RETRY_DELAY_MS ?? 0,
        longestDelayMs: LONGEST_DELIVERY_DELAY_MS,
        giveUpAfterMs: values.BILLING_GIVE_UP_AFTER_MS ?? 0,
      } satisfies DeliveryPolicy,
    },
    callbacks: {
      receivers: problems.length === 0 ? receiversOf(values) : [],
      /** The API keys whose upstreams are told, by name. */
      keys: (values.CALLBACKS ?? []).map(({ key }) => key),
      forMs: TRIED_FOR_MS,
    },
    history: { url: values.HISTORY_DATABASE_URL },
    apiKeys: values.API_KEYS ?? [],
    admin:
      values.ADMIN_USER === undefined || values.ADMIN_PASSWORD === undefined
        ? undefined
        : { user: values.ADMIN_USER, password: values.ADMIN_PASSWORD },
    publicOperation: values.PUBLIC_OPERATION === true,
    /** The API that commands ask. */
    handover: { url: values.HANDOVER_URL, apiKey: values.HANDOVER_API_KEY },
  };
  return { config: deepFreeze(config), problems };
}

/** With keys of its own, and without webhook, billing and callbacks: nothing is billed or told that did not happen. */
function inShadow(values: Values): Values {
  return {
    ...values,
    QUEUE_PREFIX: `${values.QUEUE_PREFIX}${SHADOW_SUFFIX}`,
    WEBHOOK_CALLBACK_URL: undefined,
    WEBHOOK_SECRET: undefined,
    BILLING_URL: undefined,
    BILLING_SECRET: undefined,
    BILLING_DATABASE_URL: undefined,
    BILLING_SYNTHESIZE: undefined,
    CALLBACKS: undefined,
    HISTORY_DATABASE_URL: undefined,
  };
}

/** The configuration for the start-up log: every variable that is set or has a default, with secrets masked. */
export function describeConfig(env: Record<string, string | undefined>): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, field] of entries()) {
    const given = env[name]?.trim();
    const value = given === undefined || given === '' ? field.default : given;
    const safe = value?.replace(/(:\/\/[^:@/]*:)[^@/]*@/, '$1***@');
    if (value !== undefined) shown[name] = field.secret === true ? mask(value) : (safe ?? '');
  }
  return shown;
}

function mask(value: string): string {
  if (!/^(rediss?|https?|postgres(ql)?):\/\//.test(value) || !URL.canParse(value)) return '•••';
  const url = new URL(value);
  if (url.password !== '') url.password = '***';
  url.search = '';
  return url.href;
}

/** Whether only this machine can reach this `HOST`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

type FieldView = {
  schema: (typeof fields)[Variable]['schema'];
  default?: string;
  example?: string;
  secret?: boolean;
  about: string;
};

function entries(): [Variable, FieldView][] {
  return Object.entries(fields) as [Variable, FieldView][];
}

const LONGEST_SHOWN = 80;

/** The value of a variable for an error message: never that of a secret, nor a password in a URL. */
function nowIs({ secret }: FieldView, value: string): string {
  if (secret === true) return 'its value is secret and not shown';
  const safe = value.replace(/\/\/.*@/, '//***@');
  return `it is "${safe.length > LONGEST_SHOWN ? `${safe.slice(0, LONGEST_SHOWN)}…` : safe}"`;
}

function forExample(name: Variable): string {
  const { default: usual, example = usual }: FieldView = fields[name];
  return `write for example ${name}=${example}`;
}

function parseFields(env: Record<string, string | undefined>, problems: string[]) {
  const values: Partial<Record<Variable, unknown>> = {};
  const bad = new Set<Variable>();
  for (const [name, field] of entries()) {
    const given = env[name]?.trim();
    const raw = given === undefined || given === '' ? field.default : given;
    if (raw === undefined) continue;
    const parsed = field.schema.safeParse(raw);
    if (parsed.success) values[name] = parsed.data;
    else {
      bad.add(name);
      const words = parsed.error.issues.map(({ message }) => message).join('; ');
      problems.push(
        `${name} ${words}; ${given === undefined ? '' : `${nowIs(field, given)}; `}${forExample(name)}`,
      );
    }
  }
  return { values: values as Values, bad };
}

/** Checks variables against each other; invalid values of single variables were reported before. */
function crossCheck(values: Values, bad: Set<Variable>, api: DialectName, role: Role): string[] {
  const problems: string[] = [];
  const given = (name: Variable) => values[name] !== undefined || bad.has(name);
  const require = (name: Variable, why: string) => {
    if (!given(name)) problems.push(`${name} is missing${why}; ${forExample(name)}`);
  };
  if (!bad.has('GENESYS_API')) problems.push(...checkHosts(values, given, api));
  if (role === 'worker') {
    require('GENESYS_CLIENT_ID', '');
    require('GENESYS_CLIENT_SECRET', '');
  }
  const { SETTLE_WINDOW_MS: settle, GENESYS_TIMEOUT_MS: timeout } = values;
  if (settle !== undefined && timeout !== undefined && settle <= timeout)
    problems.push(
      `SETTLE_WINDOW_MS (${settle}) must be longer than GENESYS_TIMEOUT_MS (${timeout}), or a request in progress could still take effect after the proof`,
    );
  if (given('REDIS_SENTINELS') && given('REDIS_CLUSTER_NODES'))
    problems.push('REDIS_SENTINELS and REDIS_CLUSTER_NODES exclude each other');
  if (
    given('REDIS_CLUSTER_NODES') &&
    !bad.has('QUEUE_PREFIX') &&
    !/\{[^}]+\}/.test(values.QUEUE_PREFIX ?? '')
  )
    problems.push('QUEUE_PREFIX must contain a part in braces, such as {handover}, on a Redis Cluster');
  if (given('ADMIN_USER') !== given('ADMIN_PASSWORD'))
    problems.push('ADMIN_USER and ADMIN_PASSWORD go together');
  if (given('WEBHOOK_CALLBACK_URL'))
    require('WEBHOOK_SECRET', ': WEBHOOK_CALLBACK_URL subscribes to events, and without a secret they are rejected');
  if (given('BILLING_SECRET')) require('BILLING_URL', ': BILLING_SECRET signs the requests to it');
  problems.push(...checkCallbacks(values, given, role));
  const { BILLING_REORDER_WINDOW_MS: reorder, BILLING_MATCH_WINDOW_MS: window } = values;
  if (reorder !== undefined && window !== undefined && window <= reorder)
    problems.push(
      `BILLING_MATCH_WINDOW_MS (${window}) must be longer than BILLING_REORDER_WINDOW_MS (${reorder}), or events still waiting to be billed would count as missing`,
    );
  const { HOST: host } = values;
  if (role === 'api' && host !== undefined && !isLoopback(host)) {
    require('API_KEYS', `: HOST=${host} would expose the API without authentication`);
    require('ADMIN_USER', `: HOST=${host} would let anyone act as an operator`);
    require('ADMIN_PASSWORD', `: HOST=${host} would let anyone act as an operator`);
  }
  return problems;
}

/** The dialect: as set, else by what is set: a base URL means the voice API, a region alone a live organisation. */
function dialectOf({ GENESYS_API: api, GENESYS_BASE_URL: baseUrl }: Values): DialectName {
  return api ?? (baseUrl === undefined ? 'platform' : 'voice');
}

function checkHosts(values: Values, given: (name: Variable) => boolean, api: DialectName): string[] {
  const { GENESYS_REGION: region } = values;
  const isLocated = given('GENESYS_BASE_URL') || given('GENESYS_REGION');
  if (api === 'voice') {
    if (!isLocated) return ['GENESYS_BASE_URL or GENESYS_REGION must be set to locate the voice API'];
    const isHostPart = region === undefined || /^[a-z0-9-]+$/i.test(region);
    return isHostPart ? [] : [`GENESYS_REGION must be the first part of a host name with the voice API`];
  }
  const problems: string[] = [];
  if (!isLocated)
    problems.push(
      'GENESYS_REGION is missing: the AWS region or the domain of your organisation, such as eu-west-2 or euw2.pure.cloud (GENESYS_BASE_URL in its place reaches another host)',
    );
  const found = region === undefined ? undefined : findRegion(region);
  if (found !== undefined && 'problem' in found) problems.push(`GENESYS_REGION ${found.problem}`);
  if (given('WEBHOOK_CALLBACK_URL'))
    problems.push(
      'WEBHOOK_CALLBACK_URL cannot be used with GENESYS_API=platform, which registers no webhooks: remove it; transfers are billed from our own records',
    );
  return problems;
}

/** Where the API and its tokens are. A configured base URL also serves tokens, unless a region or a login URL says otherwise. */
function hostsOf(
  { GENESYS_REGION: region, GENESYS_BASE_URL: baseUrl, GENESYS_LOGIN_URL: loginUrl }: Values,
  api: DialectName,
): { baseUrl: string; loginUrl: string | undefined } {
  if (api === 'voice') return { baseUrl: baseUrl ?? `https://${region ?? ''}.mypurecloud.com`, loginUrl };
  const found = region === undefined ? undefined : findRegion(region);
  if (found === undefined || 'problem' in found) return { baseUrl: baseUrl ?? '', loginUrl };
  return {
    baseUrl: baseUrl ?? `https://api.${found.domain}`,
    loginUrl: loginUrl ?? `https://login.${found.domain}`,
  };
}

/** Everything but the policies of queues, which have a file of their own. */
function policiesOf(values: Values): Omit<Policies, 'queues'> {
  const { PRIVATE_SIGNALS: signals, PRIVATE_UNKNOWN: unknown } = values;
  const { privacy, permissionUnknown, userStatuses } = defaultPolicies;
  return {
    privacy: {
      signals: typeof signals === 'string' ? [] : (signals ?? privacy.signals),
      attribute: values.PRIVATE_ATTRIBUTE,
      divisions: values.PRIVATE_DIVISIONS ?? [],
      unknown: unknown ?? privacy.unknown,
    },
    permissionUnknown: values.PERMISSION_UNKNOWN ?? permissionUnknown,
    userStatuses: (values.USER_TARGET_STATUSES as Policies['userStatuses'] | undefined) ?? userStatuses,
  };
}

/** The callback URL to register: with the secret as `token`, since the voice API does not sign events. */
function callbackUrl({ WEBHOOK_CALLBACK_URL: given, WEBHOOK_SECRET: secrets }: Values): string | undefined {
  const [token] = secrets ?? [];
  if (given === undefined || token === undefined) return undefined;
  const url = new URL(given);
  if (!url.searchParams.has('token')) url.searchParams.set('token', token);
  return url.href;
}

/** With Sentinel or Cluster a replica may take over, which has only what was replicated in time. */
function isReplicated(values: Values): boolean {
  return values.REDIS_SENTINELS !== undefined || values.REDIS_CLUSTER_NODES !== undefined;
}

function redisSettings(values: Values): RedisSettings {
  return {
    url: values.REDIS_URL ?? '',
    sentinels:
      values.REDIS_SENTINELS === undefined
        ? undefined
        : {
            nodes: values.REDIS_SENTINELS,
            master: values.REDIS_SENTINEL_MASTER ?? '',
            password: values.REDIS_SENTINEL_PASSWORD,
          },
    cluster:
      values.REDIS_CLUSTER_NODES === undefined
        ? undefined
        : { nodes: values.REDIS_CLUSTER_NODES, prefix: values.QUEUE_PREFIX ?? '' },
  };
}

type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

function deepFreeze<T extends object>(value: T): Frozen<T> {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  return Object.freeze(value) as Frozen<T>;
}
