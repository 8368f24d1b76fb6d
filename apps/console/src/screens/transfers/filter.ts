import type { TransferItem } from '@handover/client';
import { type Filter, isDay } from '../../narrow/filter.ts';

const DAY_MS = 86_400_000;

/** Whether the list with this filter has the transfer. */
export function matches(item: TransferItem, filter: Filter): boolean {
  const { request, outcome, actor } = item;
  return (
    isSame(filter.callId, request?.callId) &&
    isSame(filter.status, item.status) &&
    isSame(filter.reason, outcome?.reason) &&
    isSame(filter.target, request?.target.id) &&
    isSame(filter.agent, request?.userId) &&
    isSame(filter.key, actor.type === 'apiKey' ? actor.name : undefined) &&
    isWithin(Date.parse(item.acceptedAt), filter)
  );
}

function isSame(wanted: string | undefined, is: string | undefined): boolean {
  return wanted === undefined || wanted === is;
}

/** A day counts as a whole, in UTC; a time as an end does not count. */
function isWithin(at: number, { from, to }: Filter): boolean {
  const begin = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
  const end = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to) + (isDay(to) ? DAY_MS : 0);
  return at >= begin && at < end;
}
