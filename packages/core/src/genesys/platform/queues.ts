import { z } from 'zod';
import { Text } from '../http/answers.ts';
import type { QueuePolicy } from '../policies.ts';

/** A queue, as far as it says how many have joined it. */
export const Queue = z.looseObject({
  id: Text,
  name: z.string().nullish(),
  joinedMemberCount: z.number().nullish(),
});
export type Place = { name: string; joined: number | null };

const Metric = z.looseObject({
  metric: z.string(),
  stats: z.looseObject({ count: z.number().nullish() }).nullish(),
});

/** The answer to a query for observations (`QueueObservationQueryResponse`); `data` is missing where nothing matches. */
export const Observations = z.looseObject({
  results: z
    .array(
      z.looseObject({
        group: z.looseObject({ queueId: z.string().nullish(), mediaType: z.string().nullish() }).nullish(),
        data: z.array(Metric).nullish(),
      }),
    )
    .nullish(),
});

/** What was observed of a queue; `null` where Genesys shows nothing of it. */
export type Observed = { onQueue: number; waiting: number } | null;

export const EmergencyGroup = z.looseObject({
  id: Text,
  name: z.string().nullish(),
  enabled: z.boolean().nullish(),
});
export type Emergency = { name: string; isOn: boolean };

export const Waits = z.looseObject({
  results: z.array(z.looseObject({ formula: z.string().nullish(), estimatedWaitTimeSeconds: z.number() })),
});

/** The query for these queues: how many agents are on queue, by routing status, and how many calls wait. */
export function observationQuery(queueIds: readonly string[]): object {
  const predicates = queueIds.map((value) => ({
    ...{ type: 'dimension', dimension: 'queueId', operator: 'matches', value },
  }));
  return { filter: { type: 'or', predicates }, metrics: ['oOnQueueUsers', 'oWaiting'] };
}

/** What was observed of each of these queues. On-queue agents come once for each routing status, calls by medium. Pure. */
export function toObserved(
  { results }: z.infer<typeof Observations>,
  queueIds: readonly string[],
): Record<string, Observed> {
  return Object.fromEntries(
    queueIds.map((id) => {
      const about = (results ?? []).filter(({ group }) => group?.queueId?.toLowerCase() === id.toLowerCase());
      if (about.length === 0) return [id, null];
      const sum = (name: string, groups: typeof about) =>
        groups
          .flatMap(({ data }) => data ?? [])
          .filter(({ metric }) => metric === name)
          .reduce((total, { stats }) => total + (stats?.count ?? 0), 0);
      const calls = about.filter(({ group }) => group?.mediaType?.toLowerCase() === 'voice');
      return [id, { onQueue: sum('oOnQueueUsers', about), waiting: sum('oWaiting', calls) }];
    }),
  );
}

/** The wait that Genesys takes for the best estimate; null where it has none. Pure. */
export function toWaitSeconds({ results }: z.infer<typeof Waits>): number | null {
  const best = results.find(({ formula }) => formula === 'BEST') ?? results[0];
  return best?.estimatedWaitTimeSeconds ?? null;
}

/** What is known of a queue; `undefined`: not asked, or not read. */
export type QueueFacts = {
  place: Place;
  emergency?: Emergency | undefined;
  /** Why its business is closed; null while it is open. */
  closed?: string | null | undefined;
  observed?: Observed | undefined;
  waitSeconds?: number | null | undefined;
};

/** Why a queue takes no calls by this policy, as far as it is known; `undefined` if nothing says so. Pure. */
export function whyNotOpen(
  policy: QueuePolicy & { minOnQueue: number },
  { place, emergency, closed, observed, waitSeconds }: QueueFacts,
): string | undefined {
  const { minOnQueue, maxWaiting, maxWaitSeconds, minJoinedMembers } = policy;
  if (emergency?.isOn) return `closed: emergency group ${emergency.name} is on`;
  if (closed != null) return `closed: ${closed}`;
  if (minJoinedMembers !== undefined && (place.joined ?? 0) < minJoinedMembers)
    return `unstaffed: ${place.joined ?? 'unknown how many'} members have joined, at least ${minJoinedMembers} (minJoinedMembers)`;
  if (observed === null && minOnQueue > 0)
    return `unstaffed: Genesys shows nobody in it, at least ${minOnQueue} on queue (minOnQueue)`;
  const { onQueue = minOnQueue, waiting = 0 } = observed ?? {};
  if (onQueue < minOnQueue)
    return `unstaffed: ${onQueue} agents on queue, at least ${minOnQueue} (minOnQueue)`;
  if (maxWaiting !== undefined && waiting >= maxWaiting)
    return `full: ${waiting} waiting, at most ${maxWaiting} (maxWaiting)`;
  if (maxWaitSeconds !== undefined && (waitSeconds ?? 0) > maxWaitSeconds)
    return `full: an estimated wait of ${waitSeconds} s, at most ${maxWaitSeconds} (maxWaitSeconds)`;
  return undefined;
}

/** What was seen of an open queue. Pure. */
export function openWords({ observed, waitSeconds }: QueueFacts): string {
  const seen = observed == null ? [] : [`${observed.onQueue} agents on queue`, `${observed.waiting} waiting`];
  const wait =
    waitSeconds === undefined
      ? []
      : [waitSeconds === null ? 'no estimated wait' : `estimated wait ${waitSeconds} s`];
  return `open${seen.length + wait.length === 0 ? '' : ': '}${[...seen, ...wait].join(', ')}`;
}
