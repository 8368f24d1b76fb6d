import { z } from 'zod';
import { privateSignals, routingStatuses, unknowns } from '../genesys/policies.ts';
import { modes } from '../transfer/policy.ts';
import { apiKeys } from './api-keys.ts';
import {
  attribute,
  endpoint,
  flag,
  ids,
  listOf,
  milliseconds,
  networks,
  nodes,
  ownedSecrets,
  port,
  receivers,
  secrets,
  text,
  url,
  whole,
} from './kinds.ts';

/** The process that reads the configuration; some variables are required by one of them only. */
export type Role = 'api' | 'worker';

/** What shadow mode appends to `QUEUE_PREFIX`: it never shares a key with live mode. */
export const SHADOW_SUFFIX = '-shadow';

type Field = {
  schema: z.ZodType;
  default?: string;
  /** Of a variable without a default. */
  example?: string;
  secret?: boolean;
  about: string;
};

/** Every variable: its type, default, whether it is secret, and its description. */
export const fields = {
  STRICT_CONFIG: {
    schema: flag,
    default: 'false',
    about:
      '`true` refuses to start while a variable has nearly the name of one of these, such as `API_KEY`; else it is only warned of.',
  },
  HANDOVER_MODE: {
    schema: z.enum(modes, 'must be live or shadow'),
    default: 'live',
    about:
      '`shadow` decides about every transfer and sends nothing: it ends as `cancelled: shadow`, with the target that it would have had ([more](operations/shadow.md)). The same for the API and the workers. The variables of webhook, billing and callbacks are ignored then.',
  },
  REDIS_URL: {
    schema: url('redis:', 'rediss:'),
    default: 'redis://127.0.0.1:6379',
    secret: true,
    about:
      'Redis; `rediss://` for TLS. With Sentinel or Cluster it still provides the user, password and TLS.',
  },
  REDIS_SENTINELS: {
    schema: nodes,
    example: 'sentinel-1:26379,sentinel-2:26379,sentinel-3:26379',
    about: '`host:port,…` of the Sentinels.',
  },
  REDIS_SENTINEL_MASTER: {
    schema: text,
    default: 'mymaster',
    about: 'The name of the master that the Sentinels watch.',
  },
  REDIS_SENTINEL_PASSWORD: {
    schema: text,
    secret: true,
    example: '<password>',
    about: 'The password of the Sentinels themselves.',
  },
  REDIS_CLUSTER_NODES: {
    schema: nodes,
    example: 'redis-1:6379,redis-2:6379',
    about: '`host:port,…` of some nodes of a Redis Cluster.',
  },
  REDIS_MIN_REPLICAS: {
    schema: whole(0, 10),
    example: '1',
    about:
      'How many replicas of Redis must have an intent before the effect is sent; by default `1` with Sentinel or Cluster, else `0`.',
  },
  ACCEPT_AFTER_REPLICAS: {
    schema: whole(0, 10),
    default: '0',
    about: 'How many replicas of Redis must have a transfer before the answer is `202`; else `503`.',
  },
  REDIS_RECOVERY_MS: {
    schema: milliseconds(1),
    default: '900000',
    about:
      'For how long after a possible data loss in Redis a call that is already at its target is not moved without an event or an operator, in ms.',
  },
  REDIS_RECOVERY_POLICY: {
    schema: z.enum(['hold', 'send'], 'must be hold or send'),
    default: 'hold',
    about: '`send` moves such a call regardless.',
  },
  REDIS_ALLOW_VOLATILE: {
    schema: flag,
    default: 'false',
    about: 'Accepts a Redis that may lose data (no append-only file, or an eviction policy), with a warning.',
  },
  QUEUE_PREFIX: {
    schema: text
      .regex(/^[^:\s]+$/, 'must not contain ":" or spaces')
      .refine(
        (value) => !value.endsWith(SHADOW_SUFFIX),
        `must not end with "${SHADOW_SUFFIX}": HANDOVER_MODE=shadow appends it`,
      ),
    default: '{handover}',
    about:
      'The prefix of every key in Redis; braces keep all keys in one Cluster slot. In shadow mode `-shadow` is appended.',
  },
  HOST: { schema: text, default: '127.0.0.1', about: 'Where the API listens.' },
  PORT: { schema: port, default: '3000', about: 'The port of the API.' },
  METRICS_PORT: {
    schema: port,
    default: '9464',
    about: "The port of the worker's `/metrics`, `/healthz` and `/readyz`; it listens on `HOST`.",
  },
  PUBLIC_URL: {
    schema: endpoint.refine(
      (value) => !URL.canParse(value) || !new URL(value).pathname.includes('//'),
      'must not contain "//" in its path',
    ),
    example: 'https://example.org/handover',
    about:
      'The public URL of the API, such as `https://example.org/handover`: its path prefixes every link. Without it `X-Forwarded-Prefix` applies, from loopback and `TRUSTED_PROXIES`.',
  },
  TRUSTED_PROXIES: {
    schema: networks,
    example: '10.0.0.7,10.1.0.0/16',
    about: '`address,network/bits,…` of the proxies whose `X-Forwarded-…` headers the API trusts.',
  },
  OPEN_WAITS_PER_KEY: {
    schema: whole(1, 1_000_000),
    default: '1000',
    about: 'How many streams and `Prefer: wait` requests each API key may hold open in one API process.',
  },
  LOG_LEVEL: {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    default: 'info',
    about: 'The minimum level of log lines.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: url('http:', 'https:'),
    secret: true,
    example: 'http://127.0.0.1:4318',
    about:
      'Enables tracing: the address where an OpenTelemetry collector accepts OTLP over HTTP, without `/v1/traces` ([more](operations/tracing.md)).',
  },
  GENESYS_API: {
    schema: z.enum(['voice', 'platform'], 'must be voice or platform'),
    example: 'platform',
    about:
      'The dialect: `platform` for a live organisation, the default when only `GENESYS_REGION` is set; `voice` for the voice API, the default with `GENESYS_BASE_URL`.',
  },
  GENESYS_REGION: {
    schema: text,
    example: 'eu-west-2',
    about:
      'The region of the organisation, by its AWS name or its domain: `eu-west-2` or `euw2.pure.cloud`. With `voice` and no `GENESYS_BASE_URL`: `https://{GENESYS_REGION}.mypurecloud.com`.',
  },
  GENESYS_BASE_URL: {
    schema: endpoint,
    example: 'http://127.0.0.1:4010',
    about: 'The base URL of the API, in place of the one of the region.',
  },
  GENESYS_LOGIN_URL: {
    schema: endpoint,
    example: 'https://login.euw2.pure.cloud',
    about: 'Where tokens are requested: by default the login host of the region, else the base URL.',
  },
  GENESYS_CLIENT_ID: {
    schema: text,
    example: '<id of the OAuth client>',
    about: 'The OAuth client; required by the worker.',
  },
  GENESYS_CLIENT_SECRET: {
    schema: text,
    secret: true,
    example: '<its secret>',
    about: 'Its secret; required by the worker.',
  },
  GENESYS_REQUESTS_PER_MINUTE: {
    schema: whole(0, 1_000_000).refine((value) => value === 0 || value >= 10, 'must be 0 or at least 10'),
    default: '300',
    about:
      'The budget: how many requests all workers together send within any minute, unless the platform reports its own limit in headers; `0` = no budget.',
  },
  GENESYS_TIMEOUT_MS: {
    schema: milliseconds(1),
    default: '10000',
    about: 'One request to Genesys, from start to last byte, in ms.',
  },
  SANDBOX_URL: {
    schema: endpoint,
    example: 'http://127.0.0.1:4010',
    about: 'The sandbox for simulator runs; without it the simulator answers `503`.',
  },
  TRANSFER_CONCURRENCY: {
    schema: whole(1, 10_000),
    default: '50',
    about: 'Concurrent attempts in one worker process.',
  },
  TRANSFER_DEADLINE_MS: {
    schema: milliseconds(1),
    default: '900000',
    about: 'The deadline of a transfer without `expiresAt`, in ms from acceptance.',
  },
  TRANSFER_RETENTION_MS: {
    schema: milliseconds(1),
    default: '604800000',
    about: 'How long a settled record is kept, in ms.',
  },
  SERVER_ERROR_RETRY_DELAY_MS: {
    schema: milliseconds(1),
    default: '30000',
    about: 'The delay after the first 5xx, in ms; it doubles, and jitter adds up to a fifth.',
  },
  SERVER_ERROR_MAX_RETRIES: {
    schema: whole(0, 20),
    default: '4',
    about: 'Retries after 5xx or no answer, before `failed`.',
  },
  CONFLICT_MAX_RETRIES: {
    schema: whole(0, 20),
    default: '3',
    about: 'Retries after the call changed concurrently (409, 412), before `failed: conflict`.',
  },
  SETTLE_WINDOW_MS: {
    schema: milliseconds(1),
    default: '20000',
    about:
      'How long after an intent a reading that shows the call unmoved proves that nothing happened, in ms; longer than `GENESYS_TIMEOUT_MS`.',
  },
  READ_LAG_MS: {
    schema: milliseconds(0),
    example: '6000',
    about:
      'How old a fresh reading of a call may be, in ms: nothing is concluded from what it does not show before. By default `0` with `voice`, `6000` with `platform`.',
  },
  RESEND_IN_WINDOW: {
    schema: flag,
    default: 'true',
    about:
      'Whether an effect in doubt may be resent under its ETag before `SETTLE_WINDOW_MS` has passed, for fast recovery after a crash. `false` for a platform that compares the ETag on arrival and executes later.',
  },
  UNCONFIRMED_MAX_MS: {
    schema: milliseconds(1),
    default: '3600000',
    about: 'How long a transfer may stay unconfirmed before it is listed with the dead letters, in ms.',
  },
  USER_CACHE_TTL_MS: {
    schema: milliseconds(0),
    default: '60000',
    about: "How long an agent's permission is cached, in ms; `0` = not at all.",
  },
  QUEUE_CACHE_TTL_MS: {
    schema: milliseconds(0),
    default: '5000',
    about: "How long a queue's state is cached, in ms; `0` = not at all.",
  },
  PRIVATE_SIGNALS: {
    schema: listOf(privateSignals, 'none'),
    default: privateSignals.join(','),
    about:
      'What makes a call private: `secure-pause`, `recording-paused`, or `none` of them. Platform API only ([rules](rules.md#policies)).',
  },
  PRIVATE_ATTRIBUTE: {
    schema: attribute,
    example: 'private=true',
    about:
      '`name=value`, or `name` for any value: a call is private if a participant has this attribute. Platform API only.',
  },
  PRIVATE_DIVISIONS: {
    schema: ids,
    example: '<id of a division>',
    about: '`id,…` of the divisions whose calls are private. Platform API only.',
  },
  PRIVATE_UNKNOWN: {
    schema: z.enum(unknowns, 'must be reject or allow'),
    default: 'reject',
    about: '`allow` moves a call of which Genesys does not tell whether it is private. Platform API only.',
  },
  PERMISSION_UNKNOWN: {
    schema: z.enum(unknowns, 'must be reject or allow'),
    default: 'reject',
    about: '`allow` accepts an agent whose permissions Genesys does not tell. Platform API only.',
  },
  USER_TARGET_STATUSES: {
    schema: listOf(routingStatuses, 'any'),
    default: 'IDLE,INTERACTING',
    about:
      'The routing statuses in which a user takes transferred calls; `any` asks for none. Platform API only.',
  },
  QUEUE_POLICY_FILE: {
    schema: text,
    example: '/etc/handover/queues.json',
    about:
      'A JSON file that says when each queue takes calls ([rules](rules.md#policies)); read by the worker at start. Platform API only.',
  },
  WEBHOOK_CALLBACK_URL: {
    schema: url('http:', 'https:'),
    secret: true,
    example: 'https://example.org/webhooks/billing-sync',
    about:
      'The public URL of `POST /webhooks/billing-sync`; with it the worker registers the webhook, once. The first `WEBHOOK_SECRET` is added as `token`, unless the URL has one.',
  },
  WEBHOOK_SECRET: {
    schema: secrets,
    secret: true,
    example: '<at least 16 characters>',
    about:
      'Authenticates events, by signature or as a token; several secrets, separated by commas, allow rotation. Set it on the API and on the workers. Without it events get `503`.',
  },
  BILLING_URL: {
    schema: url('http:', 'https:'),
    secret: true,
    example: 'https://billing.example.org/records',
    about: 'The HTTP destination of bills.',
  },
  BILLING_SECRET: {
    schema: secrets.refine((list) => list.length === 1, 'must be one secret'),
    secret: true,
    example: '<at least 16 characters>',
    about: 'Signs those POSTs by Standard Webhooks; `whsec_…` is base64.',
  },
  BILLING_DATABASE_URL: {
    schema: url('postgres:', 'postgresql:'),
    secret: true,
    example: 'postgres://user:password@host:5432/billing',
    about: 'The PostgreSQL destination of bills; the worker creates and migrates the table.',
  },
  HISTORY_DATABASE_URL: {
    schema: url('postgres:', 'postgresql:'),
    secret: true,
    example: 'postgres://user:password@host:5432/handover',
    about:
      'A PostgreSQL for every settled transfer and every bill ([history](history.md)); the same for the API and the workers, which create and migrate the tables.',
  },
  BILLING_REORDER_WINDOW_MS: {
    schema: milliseconds(0),
    default: '5000',
    about: 'How long an event waits for earlier events of its call before it is billed, in ms.',
  },
  BILLING_MATCH_WINDOW_MS: {
    schema: milliseconds(1),
    default: '900000',
    about:
      'How long a transfer waits for its event, and an event for its transfer, before this counts as a discrepancy, in ms.',
  },
  BILLING_SYNTHESIZE: {
    schema: flag,
    default: 'false',
    about:
      'Bills a missing event from our own record, marked as such. With `platform` every transfer is billed so, at once.',
  },
  BILLING_RETRY_DELAY_MS: {
    schema: milliseconds(1),
    default: '5000',
    about:
      'The delay after the first failed delivery, in ms; it doubles up to an hour, and jitter adds up to a fifth.',
  },
  BILLING_GIVE_UP_AFTER_MS: {
    schema: milliseconds(1),
    default: '86400000',
    about: 'How long delivery of a bill is retried before it is a dead letter, in ms.',
  },
  API_KEYS: {
    schema: apiKeys,
    secret: true,
    example: 'crm=<at least 8 characters>',
    about:
      '`name=key,…`: the keys of the API; required unless `HOST` is loopback. With `name:role+role=key` a key has roles, of `submit`, `read`, `train`, `operate`, `admin` ([more](roles.md)). A key may be given as `sha256:<hex>`; a name may have several keys.',
  },
  CALLBACKS: {
    schema: receivers,
    secret: true,
    example: 'crm=https://crm.example.org/callbacks',
    about:
      '`key=https://…,…`: where the upstream of each API key, by name, is told how its transfers end ([more](callbacks.md)); a comma in a URL is written `%2C`. Set it on the API and on the workers. Ignored in shadow mode.',
  },
  CALLBACK_SECRET: {
    schema: ownedSecrets,
    secret: true,
    example: 'whsec_<base64 of at least 24 bytes>',
    about:
      'Signs callbacks by Standard Webhooks; `whsec_…` is base64. Several, separated by commas, all sign, which allows rotation; one that begins with the name of an API key and `=` is for that key only. Required by the worker with `CALLBACKS`.',
  },
  CALLBACK_ALLOW_PRIVATE: {
    schema: flag,
    default: 'false',
    about: '`true` lets callbacks go to private, loopback and link-local addresses, and there over `http`.',
  },
  ADMIN_USER: {
    schema: text,
    example: 'operator',
    about: 'The operator’s login (basic authentication), with the role `operate`; likewise.',
  },
  ADMIN_PASSWORD: {
    schema: text.min(8),
    secret: true,
    example: '<at least 8 characters>',
    about: 'Its password, at least 8 characters.',
  },
  PUBLIC_OPERATION: {
    schema: flag,
    default: 'false',
    about:
      '`true`: `/metrics` and `/docs` of the API and the details of its `/readyz` need no key ([more](roles.md#without-a-key)).',
  },
  HANDOVER_URL: {
    schema: endpoint,
    example: 'http://127.0.0.1:3000',
    about:
      'The API that the commands of `handover` ask; `handover doctor` leaves it out where this is unset.',
  },
  HANDOVER_API_KEY: {
    schema: text,
    secret: true,
    example: '<one of API_KEYS, without its name>',
    about: 'The key for it: one of its `API_KEYS`, without the name.',
  },
} as const satisfies Record<string, Field>;

export type Variable = keyof typeof fields;
