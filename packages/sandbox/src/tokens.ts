import { randomUUID } from 'node:crypto';

/** The issued access tokens. */
export class Tokens {
  readonly #expiries = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Issues a token that lives for `lifeSeconds`. */
  issue(lifeSeconds: number): string {
    // Oldest first: stop at the first valid token, so that issuing stays O(1).
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

  /** Invalidates all issued tokens. */
  expireAll(): void {
    this.#expiries.clear();
  }
}
