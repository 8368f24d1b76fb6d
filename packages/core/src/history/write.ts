import { HistoryAway } from './away.ts';
import type { AuditSource, PastAuditEntry, Pending, Versions } from './ports.ts';
import type { BilledBill, SettledTransfer } from './rows.ts';

type Writer = {
  writeTransfers(transfers: SettledTransfer[]): Promise<void>;
  writeBills(bills: BilledBill[]): Promise<void>;
  writeAudit(entries: PastAuditEntry[]): Promise<void>;
};

export type WritePorts = {
  pending: Pending;
  history: Writer;
  audit: AuditSource;
  /** PostgreSQL will never take this one; it is given up. */
  onRefused: (refused: { id: string; why: string }) => void;
};

const BATCH = 200;
/** Batches of one run of the chore. */
const MOST_BATCHES = 25;

/**
 * Writes what waits, oldest first, at least once; what changes meanwhile stays waiting. Copies the audit, too. Returns how many transfers and bills were written. Throws what
 * Redis and PostgreSQL report; then the rest waits.
 */
export async function writeHistory({ pending, history, audit, onRefused }: WritePorts): Promise<number> {
  const transfers = await drain(
    () => pending.transfers(BATCH),
    (items) => writeAll(items, { write: history.writeTransfers, idOf: (one) => one.record.id, onRefused }),
    (ids) => pending.written('transfers', ids),
  );
  const bills = await drain(
    () => pending.bills(BATCH),
    (items) => writeAll(items, { write: history.writeBills, idOf: (one) => one.id, onRefused }),
    (ids) => pending.written('bills', ids),
  );
  await copyAudit(audit, history, onRefused);
  return transfers + bills;
}

/** Copies the audit from where it was left. An entry may be written again, and is stored once. */
async function copyAudit(
  audit: AuditSource,
  history: Writer,
  onRefused: WritePorts['onRefused'],
): Promise<void> {
  let copied = await audit.copied();
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    const entries = await audit.since(copied, BATCH);
    const last = entries.at(-1);
    if (last === undefined) break;
    await writeAll(entries, { write: history.writeAudit, idOf: ({ id }) => id, onRefused });
    copied = last.id;
    await audit.noteCopied(copied);
    if (entries.length < BATCH) break;
  }
}

async function drain<T>(
  read: () => Promise<{ ids: Versions; items: T[] }>,
  write: (items: T[]) => Promise<void>,
  note: (ids: Versions) => Promise<void>,
): Promise<number> {
  let written = 0;
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    const { ids, items } = await read();
    if (ids.length === 0) break;
    await write(items);
    await note(ids);
    written += items.length;
    if (ids.length < BATCH) break;
  }
  return written;
}

type Writing<T> = {
  write: (items: T[]) => Promise<void>;
  idOf: (item: T) => string;
  onRefused: WritePorts['onRefused'];
};

/** One that PostgreSQL refuses must not hold up the others. */
async function writeAll<T>(items: T[], writing: Writing<T>): Promise<void> {
  try {
    await writing.write(items);
  } catch (error) {
    if (!(error instanceof HistoryAway) || !error.isFinal) throw error;
    const [only] = items;
    if (items.length === 1 && only !== undefined)
      return writing.onRefused({ id: writing.idOf(only), why: error.message });
    for (const item of items) await writeAll([item], writing);
  }
}
