import type { BilledBill, SettledTransfer } from './rows.ts';

/** An entry of the audit; `id` grows with time, `at` is epoch milliseconds. */
export type PastAuditEntry = {
  id: string;
  at: number;
  actor: string;
  role: string;
  action: string;
  thing: string;
  reason: string;
};

/** The audit, and up to which entry it has been copied. */
export type AuditSource = {
  copied(): Promise<string>;
  /** The entries after this one, oldest first; '' = from the beginning. */
  since(id: string, limit: number): Promise<PastAuditEntry[]>;
  noteCopied(id: string): Promise<void>;
};

/** What waits to be written. `version`: of it as read. */
export type Pending = {
  /** Those that changed least lately, at most `limit`; without those that are open again. */
  transfers(limit: number): Promise<{ ids: Versions; items: SettledTransfer[] }>;
  bills(limit: number): Promise<{ ids: Versions; items: BilledBill[] }>;
  /** Notes that the history has these as they were read. */
  written(kind: 'transfers' | 'bills', ids: Versions): Promise<void>;
};

/** Ids with the version that was read. */
export type Versions = { id: string; version: number }[];

/** How many wait to be written, and since when the oldest; 0 if none. */
export type HistoryLag = { waiting: number; lagMs: number };
