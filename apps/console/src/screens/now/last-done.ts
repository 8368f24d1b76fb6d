import type { Action, AuditEntry } from '@handover/client';
import { queryOptions } from '@tanstack/react-query';
import { handover } from '../../api.ts';
import { actionOf } from './part-of.ts';

type Page = { items: AuditEntry[]; next: string | null };
type Where = { cursor?: string; to?: string };

const SHOWN = 5;
/** The first page usually has enough. */
const LOOKED_AT = [100, 1_000, 1_000, 1_000];
const AGAIN_EVERY_MS = 10_000;

/**
 * What people did last. Signing in is left aside, and so are the entries of single dead letters that belong to an action over
 * many: `folded` is how many those actions did. `isAll`: there is nothing before it.
 */
export const lastDone = queryOptions({
  queryKey: ['audit', 'last'],
  queryFn: async ({ signal }) => {
    const { items: actions } = await handover.actions.list({ signal });
    const done: AuditEntry[] = [];
    const folding = new Set<Action>();
    let where: Where | undefined = {};
    let isCut = false;
    for (const limit of LOOKED_AT) {
      if (done.length >= SHOWN || where === undefined) break;
      const query = { ...where, limit };
      const found: Page = await handover.request('get', '/api/audit', { query, signal });
      for (const entry of found.items) {
        const action = actionOf(entry, actions);
        if (action !== undefined) folding.add(action);
        else if (entry.action !== 'sign-in') done.push(entry);
      }
      const before: Where = where;
      where = nextOf(before, found, limit === LOOKED_AT[0] ? [] : actions);
      // What others did meanwhile is left out, too.
      if (where !== undefined && where.to !== before.to) isCut = true;
    }
    const folded = [...folding].reduce((sum, action) => sum + action.done, 0);
    const isAll = where === undefined && done.length <= SHOWN && !isCut;
    return { items: done.slice(0, SHOWN), folded, isAll };
  },
  refetchInterval: AGAIN_EVERY_MS,
  // An action of a moment ago is looked for here.
  staleTime: 0,
});

/** Where to look further. A page that ends within one of these actions leads to its beginning: it may have thousands of entries. */
function nextOf({ to }: Where, { items, next }: Page, actions: readonly Action[]): Where | undefined {
  if (next === null) return undefined;
  const last = items.at(-1);
  const action = last && actionOf(last, actions);
  if (action === undefined) return { cursor: next, ...(to && { to }) };
  // Its own entry stands there, and counts.
  return { to: new Date(Date.parse(action.startedAt) + 1).toISOString() };
}
