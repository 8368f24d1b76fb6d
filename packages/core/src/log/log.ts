import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';

export type { Logger } from 'pino';

/**
 * The log of a process. Of an error it tells what and where, never what it was about: an error of Redis carries its whole
 * command, and with it the call, the agent and the metadata of a request.
 */
export function createLog(process: 'api' | 'worker', level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { process, pid: globalThis.process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: errorView },
    },
    destination,
  );
}

/** Where its lines go: as JSON to standard output, or, where that is a terminal, in a form for people. */
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
