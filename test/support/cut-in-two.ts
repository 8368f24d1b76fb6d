import { isOutcome, type StoredTransfer } from '@handover/core/transfer';
import type { ExpectStatic, TestContext } from 'vitest';
import { contradictions } from './ledger.ts';
import { PATIENCE_MS } from './patience.ts';
import { openFaultWorld } from './processes.ts';

const TRANSFERS = 60;

/** A world over a Redis that is about to be cut in two: slow effects, and a worker that has sent a few of many. */
export async function startMoving(
  { expect, onTestFinished }: TestContext,
  redisEnv: Record<string, string>,
  minReplicas: number,
) {
  const { world, processes, close } = await openFaultWorld({
    ...redisEnv,
    REDIS_MIN_REPLICAS: `${minReplicas}`,
    TRANSFER_CONCURRENCY: '1',
    GENESYS_TIMEOUT_MS: '15000',
    SETTLE_WINDOW_MS: '16000',
    UNCONFIRMED_MAX_MS: '120000',
  });
  onTestFinished(close);
  const effects = () => world.sandbox.ledger.entries().length;
  world.sandbox.changeSettings({ transferLatencyMs: 200 });
  const first = await processes.startReady('worker');
  const ids = await Promise.all(Array.from({ length: TRANSFERS }, () => world.submit()));
  await expect.poll(effects, { timeout: PATIENCE_MS }).toBeGreaterThan(2);

  /** The transfers once each has ended or is held for a person. */
  async function ended(): Promise<StoredTransfer[]> {
    const transfers = [];
    for (const id of ids)
      transfers.push(
        await world.until(id, ({ record }) => isOutcome(record.status) || record.parked, 2 * PATIENCE_MS),
      );
    return transfers;
  }
  return { world, processes, first, effects, ended };
}

export type Moving = Awaited<ReturnType<typeof startMoving>>;

/** What the old side moved is held on the new one: one effect each, and no transfer is lost or reported wrong. */
export function expectHeldOnce(
  { sandbox }: Moving['world'],
  transfers: StoredTransfer[],
  expect: ExpectStatic,
): void {
  const ended = transfers.filter(({ record }) => isOutcome(record.status));
  // One that was held, and then settled by the worker that moved it, still has `held` in its record.
  const held = transfers.filter(({ record }) => record.parked && record.held !== null);
  expect(contradictions(sandbox, ended)).toEqual([]);
  expect(ended.length + held.length).toBe(TRANSFERS);
  for (const { record } of held) expect(sandbox.ledger.entries(record.request?.callId ?? '')).toHaveLength(1);
}
