import { matches, type TransferFilter } from '../../transfer/filter.ts';
import { isOutcome, type TransferRecord } from '../../transfer/words.ts';
import type { Page, PageQuery } from '../billing/list-store.ts';
import type { RedisClient } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { loadScripts } from '../scripts.ts';
import { indexOfStatus } from './indexes.ts';
import { parseRecord } from './record.ts';

/**
 * How many index entries one page looks at, unless more are asked for: with more, a page that finds nothing would take noticeably
 * longer where there are many.
 */
const LOOKED_AT = 100;

export interface TransferListStore {
  /**
   * The matching transfers by acceptance time, newest first; of those accepted in the same millisecond, by id, descending (by its
   * bytes). A page may be short or empty and still have a `next`. Throws what Redis throws.
   */
  page(filter: TransferFilter, query: PageQuery): Promise<Page<TransferRecord>>;
  /** Those of these transfers that are known. Throws what Redis throws. */
  records(ids: string[]): Promise<TransferRecord[]>;
}

/** Lists the transfers of a lane. */
export function createTransferListStore(redis: RedisClient, lane: Lane): TransferListStore {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  const indexFor = (value: string | undefined, of: (value: string) => string) =>
    value === undefined ? keys.all : of(value);

  async function records(ids: string[]): Promise<TransferRecord[]> {
    const hashes = await Promise.all(ids.map((one) => redis.hgetall(keys.record(one))));
    return hashes.map(parseRecord).filter((record) => record !== undefined);
  }

  return {
    records,

    async page(filter, { from, to, after, limit }) {
      const { callId, status, reason, target, agent, key } = filter;
      const [at = '', id = '', ...ids] = (await runScript('transfers/page', {
        keys: {
          all: keys.all,
          ofCall: indexFor(callId, keys.ofCall),
          ofStatus: status === undefined ? keys.all : indexOfStatus(keys, status),
          ofReason: indexFor(reason, keys.ofReason),
          ofTarget: indexFor(target, keys.ofTarget),
          ofAgent: indexFor(agent, keys.ofAgent),
          ofKey: indexFor(key, keys.ofKey),
        },
        args: {
          ...{ from, to, limit, most: Math.max(limit, LOOKED_AT), records: keys.record('') },
          ...{ afterAt: after?.at ?? '', afterId: after?.id ?? '' },
          status: status === undefined || isOutcome(status) ? '' : status,
        },
      })) as string[];
      return {
        // An index may be behind the record, or name one that is gone.
        items: (await records(ids)).filter((record) => matches(record, filter)),
        next: id === '' ? undefined : { at: Number(at), id },
      };
    },
  };
}
