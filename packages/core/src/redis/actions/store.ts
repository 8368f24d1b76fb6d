import type { ActionStore, Turn } from '../../actions/ports.ts';
import type { Action, ActionFilter, ActionState, Skipped } from '../../actions/words.ts';
import type { Actor } from '../../transfer/words.ts';
import { auditFields } from '../audit.ts';
import type { RedisClient } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { loadScripts } from '../scripts.ts';

/** How long an action that has ended is kept, in ms. */
const KEPT_MS = 35 * 24 * 3_600_000;
/** How long a worker holds an action after its latest step, in ms: then another one goes on. */
const LEASE_MS = 5_000;
const SKIPPED = 'skipped:';
/** Set by settle.lua; and `begun` by replay.lua. */
const ENDED = 'ended:';

/** The actions over many dead letters. Every function throws what Redis throws. */
export function createActionStore(redis: RedisClient, lane: Lane) {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  const keysOf = (id: string) => ({
    ...{ action: keys.action(id), left: keys.actionLeft(id), running: keys.actionsRunning },
    ...{ actions: keys.actions, audit: keys.audit },
  });

  async function get(id: string): Promise<Action | undefined> {
    return parseAction(await redis.hgetall(keys.action(id)));
  }

  const store: ActionStore = {
    async start({ id, deed, filter, reason, actor, skipped }, ids) {
      const left = Object.entries(skipped).map(([why, count]) => [`${SKIPPED}${why}`, count]);
      const before = left.reduce((sum, [, count]) => sum + Number(count), 0);
      const fields = [
        ...['id', id, 'deed', JSON.stringify(deed), 'filter', JSON.stringify(filter), 'reason', reason],
        ...['actor', JSON.stringify(actor), 'total', String(ids.length + before), ...left.flat().map(String)],
      ];
      await runScript('actions/start', {
        keys: keysOf(id),
        args: {
          ...{ id, fields: JSON.stringify(fields), keepMs: KEPT_MS },
          audit: auditFields(actor, `${deed.action}-many`, id, reason),
        },
        entries: ids,
      });
    },

    get,

    async stop(id, actor, reason) {
      const audit = auditFields(actor, 'stop', id, reason);
      await runScript('actions/stop', { keys: keysOf(id), args: { id, keepMs: KEPT_MS, audit } });
      return get(id);
    },

    running: () => redis.zrange(keys.actionsRunning, '0', '-1'),

    async take(id, { owner, result = '', rests = '' }): Promise<Turn> {
      const [is, next = '', again] = (await runScript('actions/take', {
        keys: keysOf(id),
        args: { id, owner, leaseMs: LEASE_MS, result, rests, keepMs: KEPT_MS },
      })) as string[];
      if (is === 'next') return { is, id: next, again: again === 'again' };
      return { is: is as Exclude<Turn['is'], 'next'> };
    },
  };

  return {
    ...store,

    /** The latest ones. */
    async latest(limit: number): Promise<Action[]> {
      const found = await Promise.all((await redis.zrevrange(keys.actions, 0, limit - 1)).map(get));
      return found.filter((action) => action !== undefined);
    },
  };
}

function parseAction(hash: Record<string, string>): Action | undefined {
  if (hash.id === undefined) return undefined;
  const number = (field: string) => Number(hash[field] ?? 0);
  const counted = (prefix: string) =>
    Object.fromEntries(
      Object.entries(hash)
        .filter(([field]) => field.startsWith(prefix))
        .map(([field, count]) => [field.slice(prefix.length), Number(count)]),
    );
  return {
    ...(JSON.parse(hash.deed ?? '') as { action: 'replay' }),
    id: hash.id,
    filter: JSON.parse(hash.filter ?? '') as ActionFilter,
    reason: hash.reason ?? '',
    actor: JSON.parse(hash.actor ?? '') as Actor,
    status: hash.status as ActionState,
    total: number('total'),
    done: number('done'),
    failed: number('failed'),
    skipped: counted(SKIPPED) as Skipped,
    ...(hash.begun !== undefined && endsOf(number('begun'), counted(ENDED))),
    startedAt: number('startedAt'),
    endedAt: number('endedAt'),
    waits: hash.waits ?? '',
  };
}

function endsOf(begun: number, ended: NonNullable<Action['ended']>): Pick<Action, 'ended' | 'open'> {
  const over = Object.values(ended).reduce((sum, count) => sum + count, 0);
  return { ended, open: Math.max(0, begun - over) };
}
