import type { Actor, Callback, TransferRecord } from '../transfer/words.ts';

/** The answer of a receiver to a message, in words without secrets. `ofAll`: other messages would fail likewise now. */
export type ReceiverAnswer =
  | { is: 'delivered'; status: number; ms: number }
  /** It wants this message no more. */
  | { is: 'gone'; status: number; why: string; ms: number }
  | {
      is: 'failed';
      status?: number | undefined;
      why: string;
      ms: number;
      ofAll: boolean;
      retryAfterMs?: number | undefined;
    };

export interface Receiver {
  /** The API key whose transfers it is told about, by name. */
  readonly key: string;
  /** Sends a message once. Never throws for what the receiver does. */
  send(id: string, body: string, signal: AbortSignal): Promise<ReceiverAnswer>;
  close(): void;
}

/** A callback as found; `before` is its exact text, by which a change in the meantime is noticed. */
export type FoundCallback = { callback: Callback; before: string; record: TransferRecord };

/** The callbacks of a lane, stored in the records of their transfers. Times are epoch milliseconds by Redis' clock. */
export interface CallbackStore {
  find(id: string): Promise<FoundCallback | undefined>;
  /** The ids of those that are due by `now` for this key's receiver, the longest due first. */
  due(key: string, now: number, limit: number): Promise<string[]>;
  /** Stores its new state, unless it has changed since it was read. One atomic step; `by`: a person, for the audit. */
  note(key: string, before: string, callback: Callback, by?: Actor): Promise<'noted' | 'stale'>;
  /** Removes it from the waiting ones: its record is gone, or it has ended. */
  forget(key: string, id: string): Promise<void>;
  /** Since when the receiver has failed; `undefined` if its latest try did not. */
  failingSince(key: string): Promise<number | undefined>;
  /** Notes that it fails, from `now` unless it failed before. */
  fails(key: string, now: number): Promise<void>;
  recovered(key: string): Promise<void>;
  /** Makes all that wait for this receiver due at `now`. */
  bringForward(key: string, now: number): Promise<void>;
}
