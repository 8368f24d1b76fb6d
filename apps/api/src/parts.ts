import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '@handover/core/config';
import type { createRegistry, EventMeter, Meter } from '@handover/core/metrics';
import type {
  AccessWatch,
  BillingListStore,
  BillingQueues,
  Changes,
  FollowUpQueue,
  PresenceWatch,
  RedisClient,
  TransferQueue,
  TransferStore,
} from '@handover/core/redis';
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

/** What the routes need of a lane. */
export type LaneParts = { store: TransferStore; queue: TransferQueue; wakes: Wakes };

/** How long HTTP may take, in ms. */
export type HttpTimeouts = {
  headersMs: number;
  requestMs: number;
  idleMs: number;
  keepAliveMs: number;
  /** How long a stop goes on answering while connections are open; 1 s where it is not given. */
  drainMs?: number;
};

/** Everything that the API is made of; the caller of `createApp` opens and closes it. */
export type ApiParts = {
  config: Pick<
    Config,
    | 'apiKeys'
    | 'admin'
    | 'genesys'
    | 'policy'
    | 'webhook'
    | 'billing'
    | 'publicUrl'
    | 'trustedProxies'
    | 'waitsPerKey'
    | 'replicas'
  >;
  log: FastifyBaseLogger;
  redis: RedisClient;
  /** Whether this Redis can be used, and whether it keeps what it acknowledges. */
  access: Pick<AccessWatch, 'known' | 'proves'>;
  /** What Redis may have forgotten, and how many replicas follow it. */
  presence: Pick<PresenceWatch, 'known'>;
  changes: Changes;
  memory: MemoryGuard;
  live: LaneParts & { records: RecordStore; meter: Meter };
  simulated: LaneParts;
  followUps: FollowUpQueue;
  billing: BillingQueues & { store: BillingListStore; meter: EventMeter };
  /** Absent where SANDBOX_URL is not set. */
  sandbox: SandboxClient | undefined;
  registry: ReturnType<typeof createRegistry>;
  /** Absent where tracing is off. */
  tracing?: Tracing | undefined;
  timeouts?: HttpTimeouts;
};
