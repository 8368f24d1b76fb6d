import { Gauge, type Registry } from 'prom-client';
import type { HistoryLag } from '../history/ports.ts';
import type { Mode } from '../transfer/policy.ts';
import { prefixOf } from './meter.ts';

/** How far the history is behind, 0 without one; NaN if unknown. Exported only by the API. */
export function observeHistory(
  registry: Registry,
  lag: () => Promise<HistoryLag | undefined>,
  mode: Mode = 'live',
): void {
  const prefix = prefixOf(mode);
  const registers = [registry];
  new Gauge({
    name: `${prefix}_history_waiting`,
    help: 'Settled transfers and bills that wait to be written to the history.',
    registers,
    async collect() {
      this.set((await lag())?.waiting ?? Number.NaN);
    },
  });
  new Gauge({
    name: `${prefix}_history_lag_seconds`,
    help: 'How long the oldest of them has waited.',
    registers,
    async collect() {
      const seen = await lag();
      this.set(seen === undefined ? Number.NaN : seen.lagMs / 1000);
    },
  });
}
