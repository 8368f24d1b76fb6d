type Waiting = { owner: string; due: number; task: () => void };

/** What is to happen later. Nothing here keeps a process alive. */
export class Timers {
  readonly #waiting = new Map<NodeJS.Timeout, Waiting>();
  #onSettled: (() => void)[] = [];

  /** Runs the task after this many milliseconds; at once for none. The owner is the conversation to which it happens. */
  after(owner: string, ms: number, task: () => void): void {
    if (ms <= 0) {
      task();
      return;
    }
    const timer = setTimeout(() => this.#run(timer), ms);
    timer.unref();
    this.#waiting.set(timer, { owner, due: performance.now() + ms, task });
  }

  /** Lets happen now what waits now, soonest first; what that starts waits in its turn. */
  hurry(): void {
    const waiting = [...this.#waiting].sort(([, one], [, other]) => one.due - other.due);
    for (const [timer] of waiting) this.#run(timer);
  }

  /** Resolves when nothing waits any more. */
  settled(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onSettled.push(resolve));
  }

  /** Forgets what waits: for this owner, or for all. */
  forget(owner?: string): void {
    for (const [timer, waiting] of this.#waiting) {
      if (owner !== undefined && waiting.owner !== owner) continue;
      clearTimeout(timer);
      this.#waiting.delete(timer);
    }
    this.#tellSettled();
  }

  #run(timer: NodeJS.Timeout): void {
    const waiting = this.#waiting.get(timer);
    clearTimeout(timer);
    this.#waiting.delete(timer);
    waiting?.task();
    this.#tellSettled();
  }

  #tellSettled(): void {
    if (this.#waiting.size > 0) return;
    const told = this.#onSettled;
    this.#onSettled = [];
    for (const resolve of told) resolve();
  }
}
