import { Cluster, type ClusterNode, Command, Redis } from 'ioredis';
import { redisErrorKind } from './errors.ts';

export type RedisClient = Redis | Cluster;

type Node = { host: string; port: number };

export type RedisSettings = {
  url: string;
  /** `host:port` of each Sentinel, the name of the master that they watch, and their own password. */
  sentinels?: { nodes: readonly Node[]; master: string; password?: string | undefined } | undefined;
  /** Some nodes of a Cluster, and the prefix of all keys, which puts them in one slot. */
  cluster?: { nodes: readonly Node[]; prefix: string } | undefined;
};

/**
 * The behaviour while Redis is unavailable.
 * `answer-now`: for the API, commands fail within a second. `wait`: for workers, commands wait for Redis to return.
 */
export type Patience = 'answer-now' | 'wait';

const COMMAND_TIMEOUT_MS = 800;
const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_RECONNECT_GAP_MS = 1_000;
/** In a Cluster, the delay and number of retries after a redirection or a lost node: 600 ms or 10 s in total. */
const CLUSTER_AGAIN_MS = 100;
const CLUSTER_TRIES = { 'answer-now': 6, wait: 100 };
/** Longer than BullMQ's blocking reads: a silent connection is closed. */
const SILENCE_MS = 20_000;

/**
 * Opens a connection to the configured Redis, in the background. The caller closes it, and repeats its subscriptions at each
 * `ready`.
 */
export function connectRedis(settings: RedisSettings, patience: Patience, name: string): RedisClient {
  const reconnectGap = (attempt: number) => Math.min(attempt * 100, LONGEST_RECONNECT_GAP_MS);
  const manner =
    patience === 'wait'
      ? { maxRetriesPerRequest: null, socketTimeout: SILENCE_MS }
      : { maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: COMMAND_TIMEOUT_MS };
  const options = {
    ...manner,
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionName: name,
    retryStrategy: reconnectGap,
    // ioredis' resubscribe does not catch rejections: a close before the reply would crash the process.
    autoResubscribe: false,
    // After a failover behind one host name: reconnect to the new primary, and resend the command.
    reconnectOnError: (error: Error) => (redisErrorKind(error) === 'read-only' ? (2 as const) : false),
  };
  // API: write immediately, for latency. Workers: batch writes, for throughput.
  const Connection = patience === 'wait' ? TogetherRedis : Redis;
  if (settings.cluster !== undefined)
    return new OneSlotCluster(settings.cluster.prefix, [...settings.cluster.nodes], {
      redisOptions: { ...options, ...credentialsOf(settings.url) },
      enableOfflineQueue: patience === 'wait',
      clusterRetryStrategy: reconnectGap,
      maxRedirections: CLUSTER_TRIES[patience],
      // Connect by host name, since TLS certificates do not match IP addresses.
      dnsLookup: (address, callback) => callback(null, address),
      retryDelayOnMoved: CLUSTER_AGAIN_MS,
      retryDelayOnFailover: CLUSTER_AGAIN_MS,
      retryDelayOnClusterDown: CLUSTER_AGAIN_MS,
    });
  if (settings.sentinels !== undefined)
    return new Connection({
      ...options,
      ...credentialsOf(settings.url),
      sentinels: [...settings.sentinels.nodes],
      name: settings.sentinels.master,
      ...(settings.sentinels.password !== undefined && { sentinelPassword: settings.sentinels.password }),
      db: Number(new URL(settings.url).pathname.slice(1)),
      sentinelRetryStrategy: reconnectGap,
    });
  return new Connection(settings.url, options);
}

/** Where this Redis is expected, without its password: `host:port`, or those of the Sentinels or Cluster nodes. */
export function redisAddress({ url, sentinels, cluster }: RedisSettings): string {
  const list = (nodes: readonly Node[]) => nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
  if (cluster !== undefined) return `the Cluster at ${list(cluster.nodes)}`;
  if (sentinels !== undefined) return `${sentinels.master} of the Sentinels at ${list(sentinels.nodes)}`;
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === '' ? 6379 : port}`;
}

/** Why a Redis that never answered since the start of the process may be absent, for its log. */
export function neverReached(settings: RedisSettings, error: Error | undefined): string {
  const why = error === undefined ? '' : ` (${(error as NodeJS.ErrnoException).code ?? error.message})`;
  const variable = settings.cluster
    ? 'REDIS_CLUSTER_NODES'
    : settings.sentinels
      ? 'REDIS_SENTINELS'
      : 'REDIS_URL';
  return `Redis was not reached yet at ${redisAddress(settings)}${why}: is it running there, and is ${variable} right?`;
}

/** Batches the commands of one event loop turn into one write: a system call costs more than most commands. */
class TogetherRedis extends Redis {
  #isHeld = false;

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    if (!this.#isHeld && this.status === 'ready') this.#holdWrites(this.stream);
    return super.sendCommand(...args);
  }

  #holdWrites(stream: Redis['stream']): void {
    this.#isHeld = true;
    stream.cork();
    setImmediate(() => {
      this.#isHeld = false;
      stream.uncork();
    });
  }
}

type ClusterOptions = NonNullable<ConstructorParameters<typeof Cluster<'legacy'>>[1]>;

/**
 * A Cluster with all keys in one slot. Commands without a key (TIME, INFO, PING) go to the node of that slot: they are about the
 * Redis that we use, and other nodes may be down.
 */
class OneSlotCluster extends Cluster {
  readonly #prefix: string;
  readonly #nodes: ClusterNode[];
  readonly #slot: number | null;

  constructor(prefix: string, nodes: ClusterNode[], options: ClusterOptions) {
    super(nodes, options);
    this.#prefix = prefix;
    this.#nodes = nodes;
    this.#slot = new Command('exists', [prefix]).getSlot();
  }

  override sendCommand(...args: Parameters<Cluster['sendCommand']>): unknown {
    const [command] = args;
    if (command.getKeys().length === 0) Object.assign(command, { slot: this.#slot });
    return super.sendCommand(...args);
  }

  override duplicate(nodes: ClusterNode[] = [], options: object = {}): never {
    const { redisOptions }: { redisOptions?: object } = options;
    const all = {
      ...this.options,
      ...options,
      redisOptions: { ...this.options.redisOptions, ...redisOptions },
    };
    const from = nodes.length > 0 ? nodes : this.#nodes;
    return new OneSlotCluster(this.#prefix, from, all as ClusterOptions) as never;
  }
}

/** With Sentinel and Cluster, the URL still provides the credentials and whether to use TLS. */
function credentialsOf(url: string): { username?: string; password?: string; tls?: object } {
  const { username, password, protocol } = new URL(url);
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

/** Redis' time, in epoch milliseconds. Throws what Redis throws. */
export async function redisNow(redis: RedisClient): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
}
