import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { OwnRedis } from './own-redis.ts';

const root = resolve(import.meta.dirname, '../..');

export type Said = { code: number | null; out: string; err: string };

/** Starts a program with the tools of this Redis on the PATH, as on its host or in its image. */
export function startBeside(
  { program: { path, libraryPath } }: Pick<OwnRedis, 'program'>,
  [program = '', ...args]: string[],
  variables: Record<string, string> = {},
) {
  const env = {
    PATH: [dirname(path), process.env.PATH].join(delimiter),
    ...(libraryPath && { LD_LIBRARY_PATH: libraryPath }),
    ...variables,
  };
  const child = spawn(program, args, { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    said: ended.then(([out, err, [code]]): Said => ({ code, out: out.trim(), err: err.trim() })),
  };
}

/** The shipped `deploy/redis/backup.sh` or `restore.sh`. */
export function startScript(
  redis: Pick<OwnRedis, 'program'>,
  name: 'backup' | 'restore',
  args: string[],
  env: Record<string, string> = {},
) {
  return startBeside(redis, ['/bin/sh', `deploy/redis/${name}.sh`, ...args], env);
}

export const runBeside = (...start: Parameters<typeof startBeside>) => startBeside(...start).said;
export const runScript = (...start: Parameters<typeof startScript>) => startScript(...start).said;
