import type { DeadLetter, ReplayMany } from '@handover/client';
import {
  type Filter as AnyFilter,
  filterOf as anyFilterOf,
  type Read,
  wordOf,
  wordsIn,
} from '../../narrow/filter.ts';

export type Kind = DeadLetter['kind'];

/** What narrows the list, as the API names it. */
export type Filter = AnyFilter & { kind?: Kind };

/** What an action is done to, as the API takes it. */
export type Chosen = Omit<ReplayMany['filter'], 'billing'>;

/** Something to do to many. */
export type Plan =
  | { act: 'replay' | 'resolve'; filter: Chosen }
  | { act: 'replay'; filter: { billing: true } };

const KINDS: Record<Kind, true> = { failed: true, unconfirmed: true, held: true, contradicted: true };

export const kinds = wordsIn(KINDS);

/**
 * The filter of a URL's search, and what of it cannot be one, in words: that is left out.
 * @param search the plain texts behind the `?`
 */
export function filterOf(search: Record<string, string>): Read<Filter> {
  const { filter, ignored } = anyFilterOf(search);
  const kind = wordOf(search, 'kind', kinds, ignored);
  return { filter: { ...(kind !== undefined && { kind }), ...filter }, ignored };
}

/** All that match, as an action takes it: it wants at least one field. */
export function allOf(filter: Filter): Chosen {
  return Object.keys(filter).length === 0 ? { all: true } : filter;
}

const NAMES: Record<string, string> = {
  callId: 'call',
  agent: 'agent',
  target: 'target',
  key: 'API key',
  from: 'since',
  to: 'until',
};

/** What an action was done to, as label and value; the label may be empty. Nothing stands for all of them. */
export function filterFacts(filter: Chosen & { billing?: boolean }): { name: string; value: string }[] {
  return Object.entries(filter).flatMap(([name, value]) => {
    if (name === 'billing' || name === 'all' || value === undefined) return [];
    if (Array.isArray(value))
      return [{ name: '', value: `${value.length.toLocaleString()} ticked one by one` }];
    return [{ name: NAMES[name] ?? name, value: String(value) }];
  });
}
