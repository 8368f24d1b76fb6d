import type { BilledBill, SettledTransfer } from './rows.ts';

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
