/** The items of all pages. */
export async function* everyItem<T>(
  page: (cursor: { cursor?: string }) => Promise<{ items: T[]; next: string | null }>,
): AsyncGenerator<T> {
  let cursor: string | null = null;
  do {
    const { items, next }: { items: T[]; next: string | null } = await page(
      cursor === null ? {} : { cursor },
    );
    yield* items;
    cursor = next;
  } while (cursor !== null);
}
