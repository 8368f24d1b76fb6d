import { type Counts, countNames } from '../reports/quality.ts';
import type { Counters, Dimension } from '../reports/report.ts';
import type { Unit } from '../reports/stretch.ts';
import { type RedisClient, redisNow } from './connection.ts';
import { redisErrorKind } from './errors.ts';
import { type Lane, laneKeys } from './keys.ts';
import { readMany } from './read-many.ts';
import { loadScripts } from './scripts.ts';

/** Hours or days whose ids are read at once; each may have thousands. */
const AT_ONCE = 50;

/** How many notes one run of the script adds up. */
const NOTES_AT_ONCE = 500;
/** Then nothing settles, and what the sweep has not added up yet is missing. */
const REFUSES_WRITES = ['full', 'read-only', 'cannot-write'];

/**
 * Reads what transfers/add-up.lua counts in this lane. Throws what Redis throws.
 * `addUp`: adds what transfers/count.lua noted; each reading does so first.
 */
export function createCounters(redis: RedisClient, lane: Lane): Counters & { addUp(): Promise<void> } {
  const { report } = laneKeys(lane);
  const runScript = loadScripts(redis);

  async function addUp(): Promise<void> {
    const run = () => runScript('transfers/add-up', { keys: { report }, args: { most: NOTES_AT_ONCE } });
    while (((await run()) as number) > 0);
  }

  async function addUpIfWritable(): Promise<void> {
    await addUp().catch((error) => {
      if (!REFUSES_WRITES.includes(redisErrorKind(error) ?? '')) throw error;
    });
  }

  const keyOf = (unit: Unit, start: number, dimension: Dimension | 'all') =>
    `${report}:${unit}:${start}:${dimension}`;

  const hashesOf = (keys: string[]) =>
    readMany<Record<string, string>>(redis, keys, (batch, key) => batch.hgetall(key));

  return {
    addUp,
    now: () => redisNow(redis),

    async total() {
      await addUpIfWritable();
      const { since = '0', ...hash } = await redis.hgetall(report);
      return { counts: countsOf(Object.entries(hash)), since: Number(since) };
    },

    async each(unit, starts, of) {
      await addUpIfWritable();
      if (of === undefined) {
        const hashes = await hashesOf(starts.map((start) => keyOf(unit, start, 'all')));
        return hashes.map((hash) => countsOf(Object.entries(hash)));
      }
      const { dimension, id } = of;
      const fields = countNames.map((name) => `${name} ${id}`);
      const keys = starts.map((start) => keyOf(unit, start, dimension));
      const found = await readMany<(string | null)[]>(redis, keys, (batch, key) =>
        batch.hmget(key, ...fields),
      );
      return found.map((values) => countsOf(countNames.map((name, index) => [name, values[index]])));
    },

    async byId(unit, starts, dimension) {
      await addUpIfWritable();
      const sums = new Map<string, Record<string, number>>();
      for (let from = 0; from < starts.length; from += AT_ONCE) {
        const keys = starts.slice(from, from + AT_ONCE).map((start) => keyOf(unit, start, dimension));
        for (const hash of await hashesOf(keys))
          for (const [field, value] of Object.entries(hash)) add(sums, field, Number(value));
      }
      return sums;
    },
  };
}

/** A field is '<name> <id>'. */
function add(sums: Map<string, Record<string, number>>, field: string, by: number): void {
  const space = field.indexOf(' ');
  const [name, id] = [field.slice(0, space), field.slice(space + 1)];
  const sum = sums.get(id) ?? {};
  sum[name] = (sum[name] ?? 0) + by;
  sums.set(id, sum);
}

function countsOf(fields: (readonly [string, string | null | undefined])[]): Counts {
  return Object.fromEntries(
    fields.flatMap(([name, value]) => (value == null ? [] : [[name, Number(value)] as const])),
  );
}
