import type { SettledFacts } from './record-steps.ts';
import type { Counter, RecordStore, Wakes } from './stores.ts';
import type { Outcome, TransferRecord } from './words.ts';

/** What ending a transfer from outside of its runs needs. */
export type EndPorts = {
  records: Pick<RecordStore, 'settle'>;
  meter: Counter;
  wakes: Pick<Wakes, 'remove'>;
};

/**
 * What follows where a request, a person, an event or the sweep has ended a transfer: it is counted, and its job is removed.
 * Those who wait for the outcome hear of it in the step that settled it (settle.lua). Never throws.
 */
export async function followSettlement(
  { meter, wakes }: Pick<EndPorts, 'meter' | 'wakes'>,
  { id, request }: Pick<TransferRecord, 'id' | 'request'>,
  { outcome, facts }: { outcome: Outcome; facts: SettledFacts },
): Promise<void> {
  if (request !== null) {
    const { transferType, target } = request;
    meter.ended({ outcome, facts, transferType, targetType: target.type });
  }
  await dropJob(wakes, id);
}

/** Removes the job of a transfer that has ended. A worker that holds it finds the outcome and does nothing. Never throws. */
export async function dropJob(wakes: Pick<Wakes, 'remove'>, id: string): Promise<void> {
  await wakes.remove(id).catch(() => undefined);
}
