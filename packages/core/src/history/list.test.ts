import { expect, test } from 'vitest';
import type { StoredTransfer, TransferRecord } from '../transfer/words.ts';
import { HistoryAway } from './away.ts';
import { listTransfers } from './list.ts';

type Place = { at: number; id: string };
type Query = { from: number; to: number; after: Place | undefined; limit: number };

const recordOf = (id: string, acceptedAt: number, status: string) =>
  ({
    id,
    acceptedAt,
    status,
    request: null,
    actor: { type: 'system', name: 'test' },
    outcome: null,
  }) as unknown as TransferRecord;
const isNewer = (one: Place, other: Place) => (one.at === other.at ? one.id > other.id : one.at > other.at);
const placeOf = ({ id, acceptedAt }: TransferRecord) => ({ id, at: acceptedAt });

/** A source that looks at so many of its transfers for a page, whether they match or not. */
function sourceOf(records: TransferRecord[], most: (limit: number) => number) {
  const sorted = [...records].sort((one, other) => (isNewer(placeOf(one), placeOf(other)) ? -1 : 1));
  return (status: string | undefined, { from, to, after, limit }: Query) => {
    const left = sorted.filter(
      (record) =>
        record.acceptedAt >= from &&
        record.acceptedAt < to &&
        (after === undefined || isNewer(after, placeOf(record))),
    );
    const looked = left.slice(0, most(limit));
    const items = looked.filter((record) => status === undefined || record.status === status).slice(0, limit);
    const last = items.length === limit ? items.at(-1) : looked.at(-1);
    const isLast = last === left.at(-1);
    return { items, next: last === undefined || isLast ? undefined : placeOf(last) };
  };
}

test('however the transfers are spread over the two, a walk gives each once and in order, as Redis has it', async () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let round = 0; round < 300; round += 1) {
    const inRedis: TransferRecord[] = [];
    const inPast: TransferRecord[] = [];
    const kept = 30;
    for (let index = 0; index < 20; index += 1) {
      const [id, at, status] = [
        `id-${String(random(1_000)).padStart(4, '0')}-${index}`,
        random(40),
        'failed',
      ];
      const where = at >= kept ? random(2) : random(3);
      if (where !== 2) inRedis.push(recordOf(id, at, random(3) === 0 ? 'queued' : status));
      if (where !== 0) inPast.push(recordOf(id, at, status));
    }
    const recent = sourceOf(inRedis, (limit) => limit + 1);
    const past = sourceOf(inPast, () => 1_000);
    const status = random(2) === 0 ? undefined : ('failed' as const);
    const found: TransferRecord[] = [];
    const limit = 1 + random(5);
    const ports = {
      kept,
      recent: {
        page: async (filter: { status?: string | undefined }, query: Query) => recent(filter.status, query),
        records: async (ids: string[]) => inRedis.filter(({ id }) => ids.includes(id)),
      },
      past: {
        begin: async () => 0,
        transfers: async (filter: { status?: string | undefined }, query: Query) => {
          const { items, next } = past(filter.status, query);
          return { items: items.map((record): StoredTransfer => ({ record, timeline: [] })), next };
        },
      },
    };
    for (let after: Place | undefined, more = true; more; ) {
      const page = await listTransfers(ports, { status }, { from: 5, to: 38, after, limit });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      found.push(...page.items.map(({ record }) => record));
      after = page.next;
      more = after !== undefined;
    }
    const known = new Map([...inPast, ...inRedis].map((record) => [record.id, record]));
    const wanted = [...known.values()]
      .filter((one) => one.acceptedAt >= 5 && one.acceptedAt < 38)
      .filter((one) => status === undefined || one.status === status)
      .sort((one, other) => (isNewer(placeOf(one), placeOf(other)) ? -1 : 1));
    expect(found, `round ${round}`).toEqual(wanted);
  }
});

test('while the past is away, only who asks for it gets nothing', async () => {
  const away = async () => {
    throw new HistoryAway('PostgreSQL: ECONNREFUSED', false);
  };
  const record = recordOf('id-1', 35, 'failed');
  const ports = {
    kept: 30,
    recent: { page: async () => ({ items: [record], next: undefined }), records: async () => [] },
    past: { begin: async () => 0, transfers: away },
  };
  const open = { from: Number.MIN_SAFE_INTEGER, to: 100, after: undefined, limit: 5 };
  expect(await listTransfers(ports, {}, open)).toEqual({
    ...{ items: [{ record }], next: undefined },
    incomplete: 'The history is away (PostgreSQL: ECONNREFUSED): what Redis has forgotten is missing.',
  });
  expect(await listTransfers(ports, {}, { ...open, from: 30 })).toEqual({
    items: [{ record }],
    next: undefined,
  });
  await expect(listTransfers(ports, {}, { ...open, from: 29 })).rejects.toThrow(HistoryAway);
  await expect(listTransfers(ports, {}, { ...open, after: { at: 29, id: 'id-0' } })).rejects.toThrow(
    HistoryAway,
  );
});
