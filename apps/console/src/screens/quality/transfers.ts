import type { QualityReport, TransferStatus } from '@handover/client';
import type { View } from './view.ts';

type Wanted = { status?: TransferStatus; reason?: string };

/** The search of the list of transfers that shows these of the report. */
export function transfersOf(
  { filters: { queue, agent, key } }: View,
  { from, to }: Pick<QualityReport, 'from' | 'to'>,
  { status, reason }: Wanted = {},
): Record<string, string> {
  const all = { status, reason, target: queue, agent, key, from, to };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
