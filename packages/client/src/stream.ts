import { HandoverUnreachable } from './errors.ts';
import {
  type CallOptions,
  delayOf,
  type KnownFailure,
  mayPass,
  open,
  pause,
  type Transport,
  unreachable,
} from './request.ts';
import { createEventParser, type ServerSentEvent } from './sse.ts';

export type StreamOptions = CallOptions & {
  /** Resume after the event with this id. */
  lastEventId?: string | undefined;
  /** Told each time that the stream is open: at first, and after each interruption. */
  onOpen?: (() => void) | undefined;
  /** Told of each failure before the stream is opened again. */
  onInterrupted?: ((why: KnownFailure) => void) | undefined;
};

export type Followed = StreamOptions & {
  path: string;
  /** The event after which nothing comes. */
  lastType?: string;
  /** Whether this failure may pass; by default, as for other requests. */
  isTemporary?: (failure: KnownFailure) => boolean;
};

/** The server sends a comment every 15 s: a connection that is silent for longer than this is dead. */
const SILENT_MS = 45_000;
const USUAL_RETRY_MS = 2_000;

/**
 * The events of a stream. Opens it again, resuming after the last event, when it is cut off; ends after the last event of the
 * stream, or when the server has nothing more. Throws what will not pass, and the reason of the signal.
 */
export async function* follow(transport: Transport, followed: Followed): AsyncGenerator<ServerSentEvent> {
  const { path, signal, lastType, onOpen, onInterrupted, isTemporary = mayPass } = followed;
  let lastEventId = followed.lastEventId;
  let retryMs = USUAL_RETRY_MS;
  for (let failures = 0; ; ) {
    const connection = new AbortController();
    const silence = createSilenceTimer(connection);
    try {
      silence.begin();
      const response = await open(transport, {
        method: 'GET',
        path,
        headers: {
          accept: 'text/event-stream',
          ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
        },
        signal: signal ? AbortSignal.any([signal, connection.signal]) : connection.signal,
      });
      if (response.status === 204 || response.body === null) return;
      onOpen?.();
      const parse = createEventParser((ms) => {
        retryMs = ms;
      });
      for await (const piece of piecesOf(response.body, silence)) {
        for (const event of parse(piece)) {
          failures = 0;
          if (event.id !== '') lastEventId = event.id;
          yield event;
          if (event.type === lastType) return;
        }
      }
      throw new HandoverUnreachable(`The stream ${path} was cut off.`, {});
    } catch (error) {
      signal?.throwIfAborted();
      const failure = unreachable(error, { method: 'GET', path });
      if (!isTemporary(failure)) throw failure;
      onInterrupted?.(failure);
      failures += 1;
      await pause(delayOf(failure, failures, retryMs), signal);
    } finally {
      silence.end();
      connection.abort();
    }
  }
}

async function* piecesOf(body: ReadableStream<Uint8Array>, silence: SilenceTimer): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    silence.begin();
    const { done, value } = await reader.read();
    silence.end();
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}

type SilenceTimer = ReturnType<typeof createSilenceTimer>;

/** Aborts a connection that nothing comes from for too long. */
function createSilenceTimer(connection: AbortController) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => clearTimeout(timer);
  return {
    begin() {
      end();
      const dead = () => connection.abort(new Error(`nothing came for ${SILENT_MS / 1_000} s`));
      timer = setTimeout(dead, SILENT_MS);
    },
    end,
  };
}
