import type { AttemptReport } from '../transfer/attempt.ts';
import type { RequestNote } from '../transfer/words.ts';
import type { Sent } from '../wire/wire.ts';

export type Served = {
  method: string;
  /** The pattern of the path, such as `/api/dead-letters/:id/replay`. */
  route: string;
  path: string;
  actor: string | undefined;
  /** The `traceparent` header; an invalid one starts a new trace. */
  traceparent: unknown;
};

export type Message = { transfer: string; call: string; queue: string };

export type Job = { transfer: string; queue: string; worker: string; traceparent: string | undefined };

/** A started span; exported only once ended. */
export type Span = { readonly traceparent: string; end(): void };

/** A request to the API (SERVER). */
export type ServerSpan = {
  readonly traceparent: string;
  /** The queueing of a transfer (PRODUCER). */
  send(message: Message): Span | undefined;
  /** Links to the trace of an existing transfer. */
  link(transfer: string, traceparent: string | undefined): void;
  /** `null` if the client disconnected before the answer. */
  end(status: number | null): void;
};

/**
 * Spans of one process. Nothing here throws or waits for the collector, so tracing cannot break the traced code. A span that
 * cannot be created is `undefined`.
 */
export type Tracing = {
  serve(request: Served): ServerSpan | undefined;
  /** Runs in a CONSUMER span, passed as `traceparent`; a wake-up without an attempt exports none. Throws what `run` throws. */
  attempt(job: Job, run: (traceparent: string | undefined) => Promise<AttemptReport>): Promise<AttemptReport>;
  /** A request to Genesys during an attempt (CLIENT). */
  requested(note: RequestNote, sent: Sent): void;
  /** Exports the remaining spans, within 1.5 s. `gave-up`: a connection to the collector may still be open. */
  close(): Promise<'flushed' | 'gave-up'>;
};
