import { randomUUID } from 'node:crypto';

/** The access tokens that were given out. */
export class Tokens {
  readonly #expiries = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Gives out a token that lives for `lifeSeconds`. */
  issue(lifeSeconds: number): string {
    // Oldest first: behind one that lives no other need be looked at, or each token would cost more than the one before.
    for (const [token, expiry] of this.#expiries) {
      if (expiry > this.#now()) break;
      this.#expiries.delete(token);
    }
    const token = randomUUID();
    this.#expiries.set(token, this.#now() + lifeSeconds * 1000);
    return token;
  }

  isLive(token: string): boolean {
    return (this.#expiries.get(token) ?? 0) > this.#now();
  }

  /** All tokens given out so far are dead from now on. */
  expireAll(): void {
    this.#expiries.clear();
  }
}
