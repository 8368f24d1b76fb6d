import type { Destination, Mode } from './platform/words.ts';
import type { Target, TransferType } from './words.ts';

/**
 * One effect. `at` is in epoch milliseconds. Calls of the voice API have ETags, and `ifMatch` unless someone else moved the call.
 * Conversations of the Platform API have leg, command and mode, and their id as `callId`.
 */
export type LedgerEntry = {
  seq: number;
  at: number;
  callId: string;
  by: 'api' | 'someone-else';
  transferType: TransferType;
  target: Target | { id: string; type: Destination['type'] };
  wrapUpCode?: { id: string };
  ifMatch?: string;
  etagBefore?: string;
  etagAfter?: string;
  leg?: string;
  commandId?: string;
  mode?: Mode;
};

/** Every effect in the order in which it happened. Only `Calls` and the transfers of the platform write to it. */
export class Ledger {
  #entries: LedgerEntry[] = [];
  #seq = 0;
  readonly #onEntry: (entry: LedgerEntry) => void;

  constructor(onEntry: (entry: LedgerEntry) => void) {
    this.#onEntry = onEntry;
  }

  append(effect: Omit<LedgerEntry, 'seq'>): void {
    this.#seq += 1;
    const entry = { seq: this.#seq, ...effect };
    this.#entries.push(entry);
    this.#onEntry(entry);
  }

  /** The effects so far, oldest first; with a `callId`, those of that call. */
  entries(callId?: string): LedgerEntry[] {
    return this.#entries.filter((entry) => callId === undefined || entry.callId === callId);
  }

  /** Deletes all entries; `seq` continues. */
  clear(): void {
    this.#entries = [];
  }
}
