/** A running Redis. */
export interface Redis {
  readonly url: string;
  /** A description of its origin. */
  readonly how: string;
  /** Stops what was started, but not a Redis from `REDIS_URL`. Idempotent. */
  stop(): Promise<void>;
}

/** A server program for this machine. */
export interface RedisProgram {
  readonly path: string;
  readonly how: string;
  readonly libraryPath?: string;
}

export interface RedisServerOptions {
  /** The data folder. */
  readonly dir: string;
  /** A free one by default. */
  readonly port?: number;
  readonly appendonly?: boolean;
  readonly extraArgs?: readonly string[];
  /** `redis.log` in `dir` by default. */
  readonly logFile?: string;
}

export interface RedisServer extends Redis {
  readonly program: RedisProgram;
  readonly port: number;
  readonly pid: number;
  /** Resolves with a description of how it ended. */
  readonly exited: Promise<string>;
  kill(signal?: NodeJS.Signals): boolean;
  lastLines(count?: number): string;
}

interface Choices {
  /** The project's folder. */
  readonly root: string;
  readonly log: (line: string) => void;
  readonly server: RedisServerOptions;
  readonly env?: NodeJS.ProcessEnv;
}

/** Returns a Redis in a container, or undefined and the reason in `skipped`. */
type Engine = (skipped: string[]) => Promise<Redis | undefined>;

export function provideRedis(options: Choices & { readonly engine?: Engine }): Promise<Redis>;

export function startFoundRedis(options: Choices): Promise<RedisServer>;

export function startRedisServer(program: RedisProgram, options: RedisServerOptions): Promise<RedisServer>;

export function freePort(): Promise<number>;
