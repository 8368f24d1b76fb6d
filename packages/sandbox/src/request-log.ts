import { Recent } from './recent.ts';
import type { Operation } from './words.ts';

/**
 * One request of the voice API. `at` is in epoch milliseconds; `status` is null until answered, and stays null if
 * the request was dropped or left hanging; `ms` is null until it is over.
 */
export type RequestEntry = {
  seq: number;
  at: number;
  operation: Operation;
  id: string | null;
  status: number | null;
  ms: number | null;
  ifMatch?: string;
};

/** Received requests: exact counts, and the last 100,000. */
export class RequestLog {
  readonly #entries = new Recent<RequestEntry>();
  #counts = zeroCounts();
  #seq = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  begin(operation: Operation, id: string | null, ifMatch: string | undefined): RequestEntry {
    this.#seq += 1;
    this.#counts[operation] += 1;
    const entry: RequestEntry = {
      seq: this.#seq,
      at: this.#now(),
      operation,
      id,
      status: null,
      ms: null,
      ...(ifMatch !== undefined && { ifMatch }),
    };
    this.#entries.add(entry);
    return entry;
  }

  finish(entry: RequestEntry, status: number | null): void {
    entry.status = status;
    entry.ms = this.#now() - entry.at;
  }

  /** How many requests of each operation arrived. */
  counts(): Record<Operation, number> {
    return { ...this.#counts };
  }

  /** The last requests, oldest first; with a `callId`, the reads and transfers of that call. */
  entries(callId?: string): RequestEntry[] {
    const kept = this.#entries.list();
    if (callId === undefined) return kept;
    return kept.filter(
      (entry) => entry.id === callId && (entry.operation === 'call' || entry.operation === 'transfer'),
    );
  }

  clear(): void {
    this.#entries.clear();
    this.#counts = zeroCounts();
  }
}

function zeroCounts(): Record<Operation, number> {
  return { token: 0, user: 0, call: 0, queue: 0, transfer: 0, webhook: 0 };
}
