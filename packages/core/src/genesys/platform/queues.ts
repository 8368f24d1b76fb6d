import { z } from 'zod';
import type { Availability } from '../../transfer/ports.ts';
import { Text } from '../http/answers.ts';

export const Queue = z.looseObject({ id: Text });

const Metric = z.looseObject({
  metric: z.string(),
  stats: z.looseObject({ count: z.number().nullish() }).nullish(),
});

/** The answer to a query for observations (`QueueObservationQueryResponse`); `data` is missing where nothing matches. */
export const Observations = z.looseObject({
  results: z
    .array(
      z.looseObject({
        group: z.looseObject({ queueId: z.string().nullish() }).nullish(),
        data: z.array(Metric).nullish(),
      }),
    )
    .nullish(),
});

/** The query for one queue: how many agents are on queue, by routing status. */
export function observationQuery(queueId: string): object {
  const predicate = { type: 'dimension', dimension: 'queueId', operator: 'matches', value: queueId };
  return { filter: { type: 'or', predicates: [predicate] }, metrics: ['oOnQueueUsers'] };
}

/** A queue takes calls while somebody is on queue; the count comes once for each routing status. Pure. */
export function toQueueAvailability(
  { results }: z.infer<typeof Observations>,
  queueId: string,
): Availability {
  const onQueue = (results ?? [])
    .filter(({ group }) => group?.queueId === queueId)
    .flatMap(({ data }) => data ?? [])
    .filter(({ metric }) => metric === 'oOnQueueUsers')
    .reduce((sum, { stats }) => sum + (stats?.count ?? 0), 0);
  if (onQueue === 0) return { open: false, state: 'unstaffed: no agent is on queue' };
  return { open: true, state: `open: ${onQueue} agents on queue` };
}
