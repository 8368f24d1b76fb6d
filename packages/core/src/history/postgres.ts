import { causeOf, isFinal, openDatabase, type PoolOptions } from '../postgres/pool.ts';
import type { Counts } from '../reports/quality.ts';
import type { PastQuery, QualityRow } from '../reports/report.ts';
import type { StoredTransfer } from '../transfer/words.ts';
import { HistoryAway } from './away.ts';
import type { PastAuditEntry } from './ports.ts';
import { type BilledBill, billRow, type SettledTransfer, transferRow } from './rows.ts';
import { historySchema } from './schema.ts';

const TRANSFER_COLUMNS = {
  ...{
    id: 'text',
    version: 'bigint',
    call_id: 'text',
    agent: 'text',
    api_key: 'text',
    transfer_type: 'text',
  },
  ...{ target_type: 'text', target_id: 'text', moved_to_type: 'text', moved_to_id: 'text', status: 'text' },
  ...{
    reason: 'text',
    fallback: 'boolean',
    confirmed_by: 'text',
    contradicted: 'boolean',
    attempts: 'integer',
  },
  ...{ conflicts: 'integer', accepted_at: 'timestamptz', settled_at: 'timestamptz', metadata: 'jsonb' },
  ...{ endings: 'jsonb', timeline: 'jsonb', record: 'jsonb' },
};

const BILL_COLUMNS = {
  ...{ id: 'text', event_id: 'text', call_id: 'text', transfer_type: 'text', target_id: 'text' },
  ...{ target_type: 'text', occurred_at: 'timestamptz', billing_code: 'text', transfer_id: 'text' },
  ...{ metadata: 'jsonb', synthesized: 'boolean', billed_at: 'timestamptz', bill: 'jsonb' },
};

const AUDIT_COLUMNS = {
  ...{ id: 'text', at: 'timestamptz', actor: 'text', role: 'text', action: 'text', thing: 'text' },
  reason: 'text',
};

/** Inserts rows given as one JSON list. */
function insertInto(table: string, columns: Record<string, string>): string {
  const names = Object.keys(columns).join(', ');
  const typed = Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');
  return `INSERT INTO ${table} (${names}) SELECT ${names} FROM jsonb_to_recordset($1::jsonb) AS given(${typed})`;
}

const INSERT_TRANSFERS = `${insertInto('handover_transfers', TRANSFER_COLUMNS)}
  ON CONFLICT (id) DO UPDATE SET stored_at = now(), ${Object.keys(TRANSFER_COLUMNS)
    .map((name) => `${name} = EXCLUDED.${name}`)
    .join(', ')}
  WHERE handover_transfers.version <= EXCLUDED.version`;
const INSERT_AUDIT = `${insertInto('handover_audit', AUDIT_COLUMNS)} ON CONFLICT (id) DO NOTHING`;
const INSERT_BILLS = `${insertInto('handover_bills', BILL_COLUMNS)} ON CONFLICT (id) DO NOTHING`;

type Place = { at: number; id: string };
type PageQuery = { from: number; to: number; after: Place | undefined; limit: number };

type PastFilter = Partial<Record<keyof typeof FILTER_COLUMNS, string | undefined>>;

const FILTER_COLUMNS = {
  ...{ callId: 'call_id', status: 'status', reason: 'reason', target: 'target_id', agent: 'agent' },
  key: 'api_key',
} as const;

export type History = ReturnType<typeof openHistory>;

/** The history in PostgreSQL. Every function throws a HistoryAway. The caller closes it. */
export function openHistory(options: PoolOptions) {
  const database = openDatabase(options, historySchema);

  async function query<Row extends Record<string, unknown>>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return await database.query<Row>(text, values);
    } catch (error) {
      throw new HistoryAway(causeOf(error), isFinal(error));
    }
  }

  return {
    close: database.close,

    /** Writes each transfer once; a later version replaces an earlier one. */
    async writeTransfers(transfers: SettledTransfer[]): Promise<void> {
      const rows = transfers.map(transferRow).filter((row) => row !== undefined);
      if (rows.length > 0) await query(INSERT_TRANSFERS, [sorted(rows)]);
    },

    /** Writes each bill once. */
    async writeBills(bills: BilledBill[]): Promise<void> {
      if (bills.length > 0) await query(INSERT_BILLS, [sorted(bills.map(billRow))]);
    },

    /** Writes each entry of the audit once. */
    async writeAudit(entries: PastAuditEntry[]): Promise<void> {
      const rows = entries.map(({ at, ...entry }) => ({ ...entry, at: timeOf(at) }));
      if (rows.length > 0) await query(INSERT_AUDIT, [sorted(rows)]);
    },

    /** Bills by the time of their event, oldest first. */
    async bills({ from, to, after, limit }: PageQuery) {
      const found = await query<{ bill: Omit<BilledBill, 'billedAt'>; billed_at: Date; at: string }>(
        `SELECT bill, billed_at, floor(extract(epoch FROM occurred_at) * 1000) AS at FROM handover_bills
         WHERE occurred_at >= $1 AND occurred_at < $2
           AND (occurred_at, id COLLATE "C") > ($3, $4)
         ORDER BY occurred_at, id COLLATE "C" LIMIT $5`,
        [timeOf(from), timeOf(to), after ? timeOf(after.at) : '-infinity', after?.id ?? '', limit + 1],
      );
      const items = found
        .slice(0, limit)
        .map(({ bill, billed_at }): BilledBill => ({ ...bill, billedAt: billed_at.getTime() }));
      const last = found.length > limit ? found[limit - 1] : undefined;
      return { items, next: last && { at: Number(last.at), id: last.bill.id } };
    },

    /** The counts of outcomes in a range by several dimensions at once, and from when outcomes are known at all. */
    async quality(wanted: PastQuery): Promise<{ rows: QualityRow[]; since: number | undefined }> {
      const { text, values } = qualityQuery(wanted);
      const [found, [first]] = await Promise.all([
        query<QualityFields>(text, values),
        query<{ since: Date | null }>('SELECT min(settled_at) AS since FROM handover_transfers', []),
      ]);
      return { rows: rowsOf(found, wanted), since: first?.since?.getTime() };
    },

    /**
     * Transfers that match every given filter, by acceptance time, newest first; those of the same millisecond by id, descending
     * (by its bytes).
     */
    async transfers(filter: PastFilter, { from, to, after, limit }: PageQuery) {
      const values: unknown[] = [
        timeOf(from),
        timeOf(to),
        after ? timeOf(after.at) : 'infinity',
        after?.id ?? '',
      ];
      const filters = Object.entries(filter).flatMap(([name, value]) => {
        if (value === undefined) return [];
        values.push(value);
        return [`AND ${FILTER_COLUMNS[name as keyof PastFilter]} = $${values.length}`];
      });
      values.push(limit + 1);
      const found = await query<StoredTransfer>(
        `SELECT record, timeline FROM handover_transfers
         WHERE accepted_at >= $1 AND accepted_at < $2 AND (accepted_at, id COLLATE "C") < ($3, $4) ${filters.join(' ')}
         ORDER BY accepted_at DESC, id COLLATE "C" DESC LIMIT $${values.length}`,
        values,
      );
      const last = found.length > limit ? found[limit - 1]?.record : undefined;
      return { items: found.slice(0, limit), next: last && { at: last.acceptedAt, id: last.id } };
    },

    /** When the first transfer in it was accepted; `undefined` if it is empty. */
    async begin(): Promise<number | undefined> {
      const [first] = await query<{ at: Date | null }>(
        'SELECT min(accepted_at) AS at FROM handover_transfers',
        [],
      );
      return first?.at?.getTime();
    },

    /** A transfer as it was settled; `undefined` if it is unknown. */
    async transfer(id: string): Promise<StoredTransfer | undefined> {
      const [found] = await query<StoredTransfer>(
        'SELECT record, timeline FROM handover_transfers WHERE id = $1',
        [id],
      );
      return found;
    },
  };
}

/** In one order, so that two workers that write the same rows do not wait for each other in a circle. */
function sorted(rows: { id: string }[]): string {
  return JSON.stringify(rows.sort((one, other) => (one.id < other.id ? -1 : 1)));
}

/** What JavaScript's dates cannot tell is open. */
function timeOf(ms: number): string {
  if (Math.abs(ms) > 8.64e15) return ms < 0 ? '-infinity' : 'infinity';
  return new Date(ms).toISOString();
}

type QualityFields = {
  name: string;
  status: string;
  reason: string | null;
  outcomes: number;
  fallbacks: number;
  conflicts: number;
  replays: number;
};

const NAMES = {
  hour: `to_char(date_trunc('hour', ended_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
  day: `to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
  ...{ queue: 'queue', agent: 'agent', key: 'api_key' },
};

function qualityQuery({ from, to, by, queue, agent, key }: PastQuery) {
  const values: unknown[] = [timeOf(from), timeOf(to)];
  const filters = Object.entries({ queue, agent, api_key: key }).flatMap(([column, value]) => {
    if (value === undefined) return [];
    values.push(value);
    return [`AND ${column} = $${values.length}`];
  });
  const name = by === undefined ? `''` : NAMES[by];
  const text = `SELECT ${name} AS name, status, reason, count(*)::int AS outcomes,
      count(*) FILTER (WHERE fallback AND status = 'transferred')::int AS fallbacks,
      coalesce(sum(conflicts), 0)::int AS conflicts, count(*) FILTER (WHERE replayed)::int AS replays
    FROM handover_endings WHERE ended_at >= $1 AND ended_at < $2 ${filters.join(' ')} AND ${name} IS NOT NULL
    GROUP BY 1, 2, 3 ORDER BY 1`;
  return { text, values };
}

function rowsOf(found: QualityFields[], { by }: PastQuery): QualityRow[] {
  const sums = new Map<string, Record<string, number>>();
  for (const { name, status, reason, outcomes, fallbacks, conflicts, replays } of found) {
    const sum = sums.get(name) ?? {};
    const add = (field: string, value: number) => {
      if (value > 0) sum[field] = (sum[field] ?? 0) + value;
    };
    add(status, outcomes);
    if (reason !== null) add(`${status}:${reason}`, outcomes);
    add('fallbackUsed', fallbacks);
    add('etagConflicts', conflicts);
    add('replayed', replays);
    sums.set(name, sum);
  }
  const isTime = by === 'hour' || by === 'day';
  return [...sums].map(([name, counts]: [string, Counts]) =>
    isTime ? { at: Date.parse(name), counts } : { id: name, counts },
  );
}
