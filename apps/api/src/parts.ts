import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallbackStore } from '@handover/core/callbacks';
import type { Config } from '@handover/core/config';
import type { History } from '@handover/core/history';
import type { createRegistry, EventMeter, Meter } from '@handover/core/metrics';
import type {
  AccessWatch,
  BillingListStore,
  BillingQueues,
  CallbackQueue,
  Changes,
  FollowUpQueue,
  PresenceWatch,
  RedisClient,
  TransferQueue,
  TransferStore,
} from '@handover/core/redis';
import type { Counters } from '@handover/core/reports';
import type { Tracing } from '@handover/core/tracing';
import type { RecordStore, Wakes } from '@handover/core/transfer';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { MemoryGuard } from './http/redis-gate.ts';
import type { SandboxClient } from './simulator/sandbox.ts';

/** A Fastify instance whose routes have zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** The parts of a lane that the routes use. */
export type LaneParts = { store: TransferStore; queue: TransferQueue; wakes: Wakes };

/** HTTP time-outs, in ms. */
export type HttpTimeouts = {
  headersMs: number;
  requestMs: number;
  idleMs: number;
  keepAliveMs: number;
  /** How long shutdown keeps serving while connections are open; 1 s by default. */
  drainMs?: number;
};

/** The dependencies of the API; the caller of `createApp` opens and closes them. */
export type ApiParts = {
  config: Pick<
    Config,
    | 'mode'
    | 'apiKeys'
    | 'admin'
    | 'publicOperation'
    | 'genesys'
    | 'policy'
    | 'webhook'
    | 'billing'
    | 'callbacks'
    | 'history'
    | 'retentionMs'
    | 'publicUrl'
    | 'trustedProxies'
    | 'waitsPerKey'
    | 'replicas'
  >;
  /** The configuration with secrets masked. */
  described: Record<string, string>;
  log: FastifyBaseLogger;
  redis: RedisClient;
  /** Whether Redis is usable, and whether it persists what it acknowledges. */
  access: Pick<AccessWatch, 'known' | 'proves'>;
  /** Whether Redis may have lost data, and how many replicas follow it. */
  presence: Pick<PresenceWatch, 'known'>;
  changes: Changes;
  memory: MemoryGuard;
  live: LaneParts & { records: RecordStore; meter: Meter };
  simulated: LaneParts;
  followUps: FollowUpQueue;
  callbacks: { queue: CallbackQueue; store: CallbackStore };
  /** Of the live lane. */
  counters: Counters;
  /** Absent if HISTORY_DATABASE_URL is not set. */
  history?: History | undefined;
  billing: BillingQueues & { store: BillingListStore; meter: EventMeter };
  /** Absent if SANDBOX_URL is not set. */
  sandbox: SandboxClient | undefined;
  registry: ReturnType<typeof createRegistry>;
  /** Absent if tracing is disabled. */
  tracing?: Tracing | undefined;
  timeouts?: HttpTimeouts;
};
