import { type DeadLetter, type DeadLetterFilter, matchesDeadLetter } from '../transfer/dead-letter.ts';
import type { DeadLetterReader, Place } from './ports.ts';

/** How many dead letters a page with a filter looks at, unless it may have more items. */
const LOOKED_AT = 1_000;

/**
 * A page of the matching dead letters, newest first. With a filter it may be short, or empty, and still have a `next`. Throws what the
 * reader throws.
 */
export async function findDeadLetters(
  letters: Pick<DeadLetterReader, 'page'>,
  filter: DeadLetterFilter,
  query: Parameters<DeadLetterReader['page']>[0],
): Promise<{ items: DeadLetter[]; next: Place | undefined }> {
  const isNarrowed = Object.values(filter).some((value) => value !== undefined);
  const looked = isNarrowed ? Math.max(query.limit, LOOKED_AT) : query.limit;
  const page = await letters.page({ ...query, limit: looked });
  const found = page.items.filter(({ record }) => matchesDeadLetter(record, filter));
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  const isCut = found.length > items.length && last !== undefined;
  return { items, next: isCut ? { at: last.deadAt, id: last.record.id } : page.next };
}
