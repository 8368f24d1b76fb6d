import type { Script, Step } from './schemas.ts';
import type { ScriptedOperation } from './words.ts';

type Pending = { step: Step; left: number; isSimulated: boolean };

/** Pending steps. Each matching request takes one; those for its id take precedence. */
export class Scripts {
  readonly #pending = new Map<string, Pending[]>();

  /** Appends the steps to the pending ones. */
  add({ operation, id, steps }: Script, isSimulated = false): void {
    const key = keyOf(operation, id);
    const added = steps.map((step) => ({ step, left: step.times ?? 1, isSimulated }));
    this.#pending.set(key, [...(this.#pending.get(key) ?? []), ...added]);
  }

  /** Takes the step for this request; undefined for normal behaviour. */
  take(operation: ScriptedOperation, id: string | null): Step | undefined {
    return (
      (id === null ? undefined : this.#takeFrom(keyOf(operation, id))) ?? this.#takeFrom(keyOf(operation))
    );
  }

  /** Removes only the steps that earlier simulations left for this request. */
  removeSimulated(operation: ScriptedOperation, id: string): void {
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
function keyOf(operation: ScriptedOperation, id?: string): string {
  return id === undefined ? operation : `${operation} ${id}`;
}
