export type RateLimitCount = { count: number; allowed: number; resetSeconds: number };

/** A fixed window per token, counted from the first request in it, refused requests included. */
export class RateLimit {
  readonly #windows = new Map<string, { start: number; count: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Counts one request of this token; undefined when there is no limit (`allowed` 0). Refused when `count > allowed`.
   * A new window starts with `byOthers` requests spent.
   */
  count(token: string, allowed: number, windowMs: number, byOthers = 0): RateLimitCount | undefined {
    if (allowed === 0) {
      this.#windows.clear();
      return undefined;
    }
    const now = this.#now();
    let window = this.#windows.get(token);
    if (!window || now >= window.start + windowMs) {
      window = { start: now, count: byOthers };
      this.#windows.set(token, window);
    }
    window.count += 1;
    const resetSeconds = Math.max(1, Math.ceil((window.start + windowMs - now) / 1000));
    return { count: window.count, allowed, resetSeconds };
  }

  clear(): void {
    this.#windows.clear();
  }
}
