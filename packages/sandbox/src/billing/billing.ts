import { isDeepStrictEqual } from 'node:util';
import { Recent } from '../recent.ts';

/**
 * The bill under a key. `requests` counts all requests with the key, including refused ones; `signed`: the
 * signature was checked and valid.
 */
export type BillingEntry = {
  seq: number;
  at: number;
  key: string;
  requests: number;
  body: Record<string, unknown>;
  signed: boolean;
};

/** One request to the billing receiver; `status` is null without an answer, `ms` until it ends. */
export type BillingRequest = { at: number; key: string | null; status: number | null; ms: number | null };

/** The bills of the billing receiver, one for each key, and the last 100,000 requests. */
export class Billing {
  readonly #now: () => number;
  readonly #onEntry: (entry: BillingEntry) => void;
  readonly #requests = new Recent<BillingRequest>();
  #entries = new Map<string, Omit<BillingEntry, 'requests'>>();
  #requestsOfKeys = new Map<string, number>();
  #seq = 0;

  constructor(now: () => number, onEntry: (entry: BillingEntry) => void) {
    this.#now = now;
    this.#onEntry = onEntry;
  }

  begin(key: string | null): BillingRequest {
    const request: BillingRequest = { at: this.#now(), key, status: null, ms: null };
    this.#requests.add(request);
    if (key !== null) this.#requestsOfKeys.set(key, this.#requestsOf(key) + 1);
    return request;
  }

  finish(request: BillingRequest, status: number | null): void {
    request.status = status;
    request.ms = this.#now() - request.at;
  }

  /** Records the body unless the key exists; then reports whether it had the same body. */
  record(key: string, body: Record<string, unknown>, signed: boolean): 'recorded' | 'duplicate' | 'conflict' {
    const known = this.#entries.get(key);
    if (known) return isDeepStrictEqual(known.body, body) ? 'duplicate' : 'conflict';
    this.#seq += 1;
    const entry = { seq: this.#seq, at: this.#now(), key, body, signed };
    this.#entries.set(key, entry);
    this.#onEntry({ ...entry, requests: this.#requestsOf(key) });
    return 'recorded';
  }

  /** The recorded bills, oldest first. */
  entries(): BillingEntry[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry, requests: this.#requestsOf(entry.key) }));
  }

  /** The last requests, oldest first. */
  requests(): BillingRequest[] {
    return this.#requests.list();
  }

  /** Deletes everything; `seq` continues. */
  clear(): void {
    this.#requests.clear();
    this.#entries = new Map();
    this.#requestsOfKeys = new Map();
  }

  #requestsOf(key: string): number {
    return this.#requestsOfKeys.get(key) ?? 0;
  }
}
