import { shownTransfer } from '../transfer/shown.ts';
import type { Callback, TransferRecord } from '../transfer/words.ts';

/** The body of a callback, JSON: the same for each try, whatever happens to the transfer in the meantime. */
export function messageOf(record: TransferRecord, { type, at, shows }: Callback): string {
  const transfer = shownTransfer({ ...record, ...shows });
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data: { transfer } });
}
