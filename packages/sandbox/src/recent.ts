const KEPT = 100_000;

/** Keeps the last 100,000 items. */
export class Recent<Item> {
  #items: Item[] = [];

  add(item: Item): void {
    this.#items.push(item);
    // Trimmed in large chunks, so that the cost per item is negligible.
    if (this.#items.length >= 2 * KEPT) this.#items = this.#items.slice(-KEPT);
  }

  /** The kept items, oldest first. */
  list(): Item[] {
    return this.#items.slice(-KEPT);
  }

  clear(): void {
    this.#items = [];
  }
}
