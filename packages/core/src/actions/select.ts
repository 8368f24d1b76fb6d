import { type DeadLetterKind, deadLetterKind, matchesDeadLetter } from '../transfer/dead-letter.ts';
import type { BillingLetter, DeadLetterReader } from './ports.ts';
import { type ActionFilter, type Deed, MOST_IN_ACTION, type Skipped, type SkipReason } from './words.ts';

export type SelectPorts = {
  letters: DeadLetterReader;
  /** The newest dead letters of billing, at most so many of each queue. */
  billingLetters(most: number): Promise<BillingLetter[]>;
};

/** `by`: its kind, or its queue if it is one of billing. */
type Found = {
  id: string;
  at: number;
  by: string;
  reason?: string | undefined;
  leftOut?: SkipReason | undefined;
};

export type Selection = {
  /** Those to act on, oldest first. */
  ids: string[];
  /** `ids`, and what is left out. */
  total: number;
  byKind: Record<string, number>;
  byReason: Record<string, number>;
  /** Those that are left out. */
  skipped: Skipped;
  /** Whether more match than one action takes; these are the newest. */
  more: boolean;
};

const PAGE = 1_000;

/** The dead letters that this filter means. Throws what the ports throw. */
export async function select(
  ports: SelectPorts,
  action: Deed['action'],
  filter: ActionFilter,
): Promise<Selection> {
  const isOfBilling = filter.billing === true;
  const { found, missing } = isOfBilling
    ? await ofBilling(ports, filter)
    : await ofTransfers(ports, action, filter);
  const taken = found.slice(0, MOST_IN_ACTION);
  const kept = taken.filter(({ leftOut }) => leftOut === undefined);
  return {
    ids: kept.map(({ id }) => id).reverse(),
    total: taken.length + missing,
    byKind: counted(taken.map(({ by }) => by)),
    byReason: counted(taken.map(({ reason }) => reason)),
    skipped: {
      ...counted(taken.map(({ leftOut }) => leftOut)),
      ...(missing > 0 && { 'not-a-dead-letter': missing }),
    },
    more: found.length > MOST_IN_ACTION,
  };
}

/** Why an action does not do this with a dead letter of this kind; `undefined` if it does. */
export function leavesOut(
  action: Deed['action'],
  { kind: wanted }: ActionFilter,
  kind: DeadLetterKind,
): SkipReason | undefined {
  if (action === 'resolve') return kind === 'unconfirmed' || kind === 'held' ? undefined : 'not-unconfirmed';
  // Redis may have lost what was sent, so a replay may move the call a second time.
  return kind === 'held' && wanted !== 'held' ? 'held' : undefined;
}

/** Newest first. `missing`: how many of the given ids are no dead letters. */
async function ofTransfers(
  { letters }: SelectPorts,
  action: Deed['action'],
  filter: ActionFilter,
): Promise<{ found: Found[]; missing: number }> {
  const { ids, from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER, billing: _, ...fields } = filter;
  const found: Found[] = [];
  const add = (page: Awaited<ReturnType<DeadLetterReader['find']>>) => {
    for (const { record, deadAt } of page) {
      if (deadAt < from || deadAt >= to || !matchesDeadLetter(record, fields)) continue;
      const by = deadLetterKind(record);
      const leftOut = leavesOut(action, filter, by);
      found.push({ id: record.id, at: deadAt, by, reason: record.outcome?.reason, leftOut });
    }
  };
  if (ids !== undefined) {
    const dead = await letters.find(ids);
    add(dead);
    found.sort((one, other) => other.at - one.at);
    return { found, missing: ids.length - dead.length };
  }
  let after: { at: number; id: string } | undefined;
  do {
    const page = await letters.page({ from, to, after, limit: PAGE });
    add(page.items);
    after = page.next;
  } while (after !== undefined && found.length <= MOST_IN_ACTION);
  return { found, missing: 0 };
}

async function ofBilling(
  { billingLetters }: SelectPorts,
  { ids, from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER }: ActionFilter,
): Promise<{ found: Found[]; missing: number }> {
  const wanted = ids === undefined ? undefined : new Set(ids);
  const all = (await billingLetters(MOST_IN_ACTION + 1)).filter(({ id }) => wanted?.has(id) ?? true);
  const found = all
    .map(({ id, queue, at }): Found => ({ id, at: Date.parse(at), by: queue }))
    .filter(({ at }) => at >= from && at < to)
    .sort((one, other) => other.at - one.at);
  return { found, missing: wanted === undefined ? 0 : wanted.size - all.length };
}

function counted(names: (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
