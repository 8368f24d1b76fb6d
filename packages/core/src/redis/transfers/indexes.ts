import {
  isOutcome,
  outcomeStatuses,
  reasons,
  type Status,
  type TransferRecord,
} from '../../transfer/words.ts';
import type { LaneKeys } from '../keys.ts';

/** The indexes of a transfer by agent, target and API key; `all` where it has none. */
export function indexesOf(keys: LaneKeys, { request, actor }: Pick<TransferRecord, 'request' | 'actor'>) {
  return {
    ofAgent: request === null ? keys.all : keys.ofAgent(request.userId),
    ofTarget: request === null ? keys.all : keys.ofTarget(request.target.id),
    ofKey: actor.type === 'apiKey' ? keys.ofKey(actor.name) : keys.all,
  };
}

/** The index to walk for a status: open ones change too often to be indexed, but for `unconfirmed`. */
export function indexOfStatus(keys: LaneKeys, status: Status): string {
  if (isOutcome(status)) return keys.ofStatus(status);
  return status === 'unconfirmed' ? keys.unconfirmedIndex : keys.openIndex;
}

/** The indexes that exist in every lane. */
export function fixedIndexes(keys: LaneKeys): string[] {
  return [
    ...[keys.all, keys.openIndex, keys.unconfirmedIndex],
    ...outcomeStatuses.map(keys.ofStatus),
    ...reasons.map(keys.ofReason),
  ];
}
