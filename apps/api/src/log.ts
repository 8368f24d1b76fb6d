import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';

/**
 * The log of this process, as lines of JSON. Of an error it tells what and where, never what it was about: an error of
 * Redis carries its whole command, and with it the call, the agent and the metadata of a request.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { process: 'api' },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: errorView },
    },
    destination ?? pino.destination(1),
  );
}

function errorView(error: Error) {
  const { type, message, stack, code } = stdSerializers.err(error);
  return { type, message, stack, code };
}
