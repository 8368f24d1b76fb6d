import type { DeadLetter } from '@handover/client';

/** What is known of a transfer, to tell it from others. */
export type About = { call: string; agent: string; target: string };

/** What the looked at dead letters are about, by the id of the transfer; those whose request cannot be read are left out. */
export function aboutOf(letters: readonly Pick<DeadLetter, 'id' | 'request'>[]): ReadonlyMap<string, About> {
  return new Map(
    letters.flatMap(({ id, request }) => {
      if (request === null) return [];
      const { callId, userId, target } = request;
      return [[id, { call: callId, agent: userId, target: `${target.type} ${target.id}` }] as const];
    }),
  );
}

export type Most = { top: [name: string, count: number][]; others: { names: number; count: number } };

/**
 * The names that occur most often, and how many are left.
 * @param most so many are named
 */
export function mostOf(names: readonly string[], most: number): Most {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(
    ([name, count], [other, otherCount]) => otherCount - count || (name < other ? -1 : 1),
  );
  const left = sorted.slice(most);
  const count = left.reduce((sum, [, one]) => sum + one, 0);
  return { top: sorted.slice(0, most), others: { names: left.length, count } };
}
