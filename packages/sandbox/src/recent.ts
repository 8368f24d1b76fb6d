const KEPT = 100_000;

/** The last 100,000 of what was added. */
export class Recent<Item> {
  #items: Item[] = [];

  add(item: Item): void {
    this.#items.push(item);
    // Cut in large pieces, so that keeping the last ones costs next to nothing per item.
    if (this.#items.length >= 2 * KEPT) this.#items = this.#items.slice(-KEPT);
  }

  /** What is kept, oldest first. */
  list(): Item[] {
    return this.#items.slice(-KEPT);
  }

  clear(): void {
    this.#items = [];
  }
}
