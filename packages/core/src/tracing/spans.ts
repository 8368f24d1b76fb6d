import type { AttemptReport } from '../transfer/attempt.ts';
import type { RequestNote } from '../transfer/words.ts';
import type { Sent } from '../wire/wire.ts';

export type Served = {
  method: string;
  /** The pattern of the path, such as `/api/dead-letters/:id/replay`. */
  route: string;
  path: string;
  actor: string | undefined;
  /** The header of that name, as it came; one that is none begins a trace of our own. */
  traceparent: unknown;
};

export type Message = { transfer: string; call: string; queue: string };

export type Job = { transfer: string; queue: string; worker: string; traceparent: string | undefined };

/** A span that has begun. What is never ended is never exported. */
export type Span = { readonly traceparent: string; end(): void };

/** A request to the API (SERVER). */
export type ServerSpan = {
  readonly traceparent: string;
  /** A transfer on its way to the queue (PRODUCER). */
  send(message: Message): Span | undefined;
  /** Points to the trace of a transfer that was there before. */
  link(transfer: string, traceparent: string | undefined): void;
  /** `null` where the client did not wait for its answer. */
  end(status: number | null): void;
};

/**
 * Spans of one process. Nothing here ever throws or waits for the collector, so tracing cannot fail what it looks at;
 * where a span cannot be made, `undefined` takes its place.
 */
export type Tracing = {
  serve(request: Served): ServerSpan | undefined;
  /** Runs in a CONSUMER span, which is told as `traceparent`; a wake-up that begins no attempt leaves none. Throws what `run` throws. */
  attempt(job: Job, run: (traceparent: string | undefined) => Promise<AttemptReport>): Promise<AttemptReport>;
  /** A request to Genesys (CLIENT), where it was sent in the course of an attempt. */
  requested(note: RequestNote, sent: Sent): void;
  /** Sends what is left, within 1.5 s. `gave-up`: a connection to the collector may still be open. */
  close(): Promise<'flushed' | 'gave-up'>;
};
