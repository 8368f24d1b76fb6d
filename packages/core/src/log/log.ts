import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import type { Mode } from '../transfer/policy.ts';

export type { Logger } from 'pino';

/**
 * The log of a process. Errors are reduced to type, message, stack and code: an error of ioredis also holds its command, and
 * with it the call, agent and metadata of a request. In shadow mode every line says so.
 */
export function createLog(
  process: 'api' | 'worker',
  level: string,
  destination: DestinationStream,
  mode: Mode = 'live',
): Logger {
  return pino(
    {
      level,
      base: { process, pid: globalThis.process.pid, ...(mode === 'shadow' && { mode }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: errorView },
    },
    destination,
  );
}

/** The destination of log lines: standard output, as JSON, or human-readable if it is a terminal. */
export async function logDestination(
  stdout: { isTTY?: boolean } = process.stdout,
): Promise<DestinationStream> {
  if (stdout.isTTY !== true) return pino.destination(1);
  const { default: pretty } = await import('pino-pretty');
  return pretty({ sync: true, ignore: 'process,pid', translateTime: 'SYS:HH:MM:ss.l' });
}

function errorView(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { type, message, stack, code } = stdSerializers.err(error);
  return { type, message, stack, code };
}
