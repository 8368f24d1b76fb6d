import type { SettledFacts } from './record-steps.ts';
import type { Counter, RecordStore, Wakes } from './stores.ts';
import type { Outcome, TransferRecord } from './words.ts';

/** The ports needed to settle a transfer outside its runs. */
export type EndPorts = {
  records: Pick<RecordStore, 'settle'>;
  meter: Counter;
  wakes: Pick<Wakes, 'remove'>;
};

/**
 * Counts a transfer that a request, an operator, an event or the sweep has settled, and removes its job. settle.lua notifies
 * those who wait for the outcome. Never throws.
 */
export async function followSettlement(
  { meter, wakes }: Pick<EndPorts, 'meter' | 'wakes'>,
  { id, request }: Pick<TransferRecord, 'id' | 'request'>,
  { outcome, facts }: { outcome: Outcome; facts: SettledFacts },
): Promise<void> {
  meter.ended({
    ...{ outcome, facts },
    transferType: request?.transferType,
    targetType: request?.target.type,
  });
  await dropJob(wakes, id);
}

/** Removes the job of a settled transfer. A worker that holds it finds the outcome and does nothing. Never throws. */
export async function dropJob(wakes: Pick<Wakes, 'remove'>, id: string): Promise<void> {
  await wakes.remove(id).catch(() => undefined);
}
