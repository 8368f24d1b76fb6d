import type { Target, TransferType } from './words.ts';

/** One effect. `at` is in epoch milliseconds; `ifMatch` is missing if someone else moved the call. */
export type LedgerEntry = {
  seq: number;
  at: number;
  callId: string;
  by: 'api' | 'someone-else';
  transferType: TransferType;
  target: Target;
  wrapUpCode?: { id: string };
  ifMatch?: string;
  etagBefore: string;
  etagAfter: string;
};

/** Every effect in the order in which it happened. Only `Calls` writes to it. */
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
