import { conversationOperations, type PlatformOperation } from './platform/words.ts';
import { Recent } from './recent.ts';
import type { Operation } from './words.ts';

/**
 * One request of the voice API or the Platform API. `at` is in epoch milliseconds; `status` is null until answered, and stays null if
 * the request was dropped or left hanging; `ms` is null until it is over. `leg` is the participant that the path names.
 */
export type RequestEntry = {
  seq: number;
  at: number;
  operation: AnyOperation;
  id: string | null;
  status: number | null;
  ms: number | null;
} & RequestDetails;

type AnyOperation = Operation | PlatformOperation;
type RequestDetails = { ifMatch?: string; leg?: string; correlationId?: string };
/** Those of the Platform API are counted from their first request on. */
type Counts = Record<Operation, number> & Partial<Record<PlatformOperation, number>>;

const OF_CALLS: ReadonlySet<string> = new Set(['call', 'transfer', ...conversationOperations]);

/** Received requests: exact counts, and the last 100,000. */
export class RequestLog {
  readonly #entries = new Recent<RequestEntry>();
  #counts = zeroCounts();
  #seq = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  begin(operation: AnyOperation, id: string | null, details: RequestDetails = {}): RequestEntry {
    this.#seq += 1;
    this.#counts[operation] = (this.#counts[operation] ?? 0) + 1;
    const entry: RequestEntry = {
      seq: this.#seq,
      at: this.#now(),
      operation,
      id,
      status: null,
      ms: null,
      ...details,
    };
    this.#entries.add(entry);
    return entry;
  }

  finish(entry: RequestEntry, status: number | null): void {
    entry.status = status;
    entry.ms = this.#now() - entry.at;
  }

  /** How many requests of each operation arrived. */
  counts(): Counts {
    return { ...this.#counts };
  }

  /** The last requests, oldest first; with a `callId`, the reads and transfers of that call. */
  entries(callId?: string): RequestEntry[] {
    const kept = this.#entries.list();
    if (callId === undefined) return kept;
    return kept.filter((entry) => entry.id === callId && OF_CALLS.has(entry.operation));
  }

  clear(): void {
    this.#entries.clear();
    this.#counts = zeroCounts();
  }
}

function zeroCounts(): Counts {
  return { token: 0, user: 0, call: 0, queue: 0, transfer: 0, webhook: 0 };
}
