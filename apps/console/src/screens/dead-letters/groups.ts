import type { DeadLetter, Reason, TransferStatus } from '@handover/client';
import type { Filter, Kind } from './filter.ts';

export type Group = {
  kind: Kind;
  /** The reason of the outcome; without one its status stands for the group. */
  reason?: Reason;
  status?: TransferStatus;
  count: number;
  /** When they became dead letters, ISO 8601. */
  oldest: string;
  newest: string;
};

/** The dead letters by kind and reason, the largest group first. */
export function groupsOf(letters: readonly Pick<DeadLetter, 'kind' | 'outcome' | 'since'>[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { kind, outcome, since } of letters) {
    const by =
      outcome === null ? {} : outcome.reason ? { reason: outcome.reason } : { status: outcome.status };
    const name = [kind, by.reason, by.status].join();
    const group = groups.get(name) ?? { kind, ...by, count: 0, oldest: since, newest: since };
    group.count += 1;
    if (since < group.oldest) group.oldest = since;
    if (since > group.newest) group.newest = since;
    groups.set(name, group);
  }
  return [...groups.values()].sort((one, other) => other.count - one.count);
}

/** The filter that means this group, within the one that is set. */
export function filterOfGroup({ kind, reason, status }: Group, filter: Filter): Filter {
  return {
    ...filter,
    kind,
    ...(reason !== undefined && { reason }),
    ...(status !== undefined && { status }),
  };
}

/** Whether what can be resolved is among them: whether it happened is not known. */
export function isInDoubt(kind: Kind): boolean {
  return kind === 'unconfirmed' || kind === 'held';
}
