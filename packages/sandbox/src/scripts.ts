type Pending<Step> = { step: Step; left: number; isSimulated: boolean };

/** Steps for the next requests of an operation: for that id, or without one for any. */
type ScriptOf<Operation, Step> = { operation: Operation; id?: string | undefined; steps: Step[] };

/** Pending steps. Each matching request takes one; those for its id take precedence. */
export class Scripts<Operation extends string, Step extends { times?: number | undefined }> {
  readonly #pending = new Map<string, Pending<Step>[]>();

  /** Appends the steps to the pending ones. */
  add({ operation, id, steps }: ScriptOf<Operation, Step>, isSimulated = false): void {
    const key = keyOf(operation, id);
    const added = steps.map((step) => ({ step, left: step.times ?? 1, isSimulated }));
    this.#pending.set(key, [...(this.#pending.get(key) ?? []), ...added]);
  }

  /** Takes the step for this request; undefined for normal behaviour. */
  take(operation: Operation, id: string | null): Step | undefined {
    return (
      (id === null ? undefined : this.#takeFrom(keyOf(operation, id))) ?? this.#takeFrom(keyOf(operation))
    );
  }

  /** Removes only the steps that earlier simulations left for this request. */
  removeSimulated(operation: Operation, id: string): void {
    const key = keyOf(operation, id);
    const others = (this.#pending.get(key) ?? []).filter((pending) => !pending.isSimulated);
    if (others.length > 0) this.#pending.set(key, others);
    else this.#pending.delete(key);
  }

  clear(): void {
    this.#pending.clear();
  }

  #takeFrom(key: string): Step | undefined {
    const waiting = this.#pending.get(key);
    const first = waiting?.[0];
    if (!waiting || !first) return undefined;
    first.left -= 1;
    if (first.left === 0) waiting.shift();
    if (waiting.length === 0) this.#pending.delete(key);
    return first.step;
  }
}

// No operation contains a space, so no two requests share a key.
function keyOf(operation: string, id?: string): string {
  return id === undefined ? operation : `${operation} ${id}`;
}
