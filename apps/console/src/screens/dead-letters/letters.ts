import type { BillingDeadLetter, DeadLetter, TransferItem, TransferStatus } from '@handover/client';

type Page = { items: DeadLetter[]; next: string | null; billing: BillingDeadLetter[] };

/** The newest dead letters. `isAll`: there are no others. */
export type Letters = { items: DeadLetter[]; billing: BillingDeadLetter[]; isAll: boolean };

/** So many are looked at; an action over a filter takes more. */
export const MOST_LETTERS = 2_000;
export const PER_PAGE = 500;
/** Pages with a filter may be short, or empty. */
const MOST_PAGES = 12;

/** Walks the pages, newest first, up to `MOST_LETTERS`. `ask` gives the page at a cursor. Throws what it throws. */
export async function walk(ask: (cursor: string | undefined) => Promise<Page>): Promise<Letters> {
  const items: DeadLetter[] = [];
  let billing: BillingDeadLetter[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES && items.length < MOST_LETTERS; pages += 1) {
    const page = await ask(cursor);
    if (pages === 0) billing = page.billing;
    items.push(...page.items);
    if (page.next === null) return { items, billing, isAll: true };
    cursor = page.next;
  }
  return { items: items.slice(0, MOST_LETTERS), billing, isAll: false };
}

const MAY_BE_DEAD = new Set<TransferStatus>(['failed', 'unconfirmed']);

/**
 * The letters without those that are none any more, going by what changed.
 * `isStale`: others may have come, or one may have become another kind; only the API knows.
 */
export function afterChanges(
  letters: Letters,
  changed: ReadonlyMap<string, Pick<TransferItem, 'status'>>,
): { letters: Letters; isStale: boolean } {
  const known = new Set<string>();
  const items = letters.items.filter(({ id, status }) => {
    const now = changed.get(id);
    if (now === undefined || now.status === status) {
      known.add(id);
      return true;
    }
    return false;
  });
  const isNew = [...changed].some(([id, { status }]) => MAY_BE_DEAD.has(status) && !known.has(id));
  if (items.length === letters.items.length) return { letters, isStale: isNew };
  return { letters: { ...letters, items }, isStale: true };
}
