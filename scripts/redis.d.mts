/** A Redis that answers. */
export interface Redis {
  readonly url: string;
  /** Where it came from, in words. */
  readonly how: string;
  /** Ends what was started; a Redis named by `REDIS_URL` is left alone. May be called again. */
  stop(): Promise<void>;
}

/** A server program that runs on this machine. */
export interface RedisProgram {
  readonly path: string;
  readonly how: string;
  readonly libraryPath?: string;
}

export interface RedisServerOptions {
  /** The data folder. */
  readonly dir: string;
  /** A free one, when left out. */
  readonly port?: number;
  readonly appendonly?: boolean;
  readonly extraArgs?: readonly string[];
  /** `redis.log` in `dir`, when left out. */
  readonly logFile?: string;
}

export interface RedisServer extends Redis {
  readonly program: RedisProgram;
  readonly port: number;
  readonly pid: number;
  /** Settles with how it ended, in words. */
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

/** Gives a Redis in a container, or undefined; adds to `skipped` why not. */
type Engine = (skipped: string[]) => Promise<Redis | undefined>;

export function provideRedis(options: Choices & { readonly engine?: Engine }): Promise<Redis>;

export function startFoundRedis(options: Choices): Promise<RedisServer>;

export function startRedisServer(program: RedisProgram, options: RedisServerOptions): Promise<RedisServer>;

export function freePort(): Promise<number>;
