import { setTimeout as sleep } from 'node:timers/promises';
import { cancel, isOutcome, type StoredTransfer } from '@handover/core/transfer';
import { expect, onTestFinished, test } from 'vitest';
import { LONG, takeChance } from '../support/chance.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { openWorld, UPSTREAM, type World } from '../support/world.ts';

const RACES = LONG ? 10_000 : 250;
const AT_ONCE = 25;
const timeout = 120_000 + RACES * 20;

async function openRacingWorld(): Promise<World> {
  const world = await openWorld({
    workers: 2,
    env: { GENESYS_TIMEOUT_MS: '10000', SETTLE_WINDOW_MS: '11000', UNCONFIRMED_MAX_MS: '30000' },
  });
  onTestFinished(() => world.close());
  world.sandbox.changeSettings({ latencyMs: { min: 0, max: 10 }, transferLatencyMs: { min: 0, max: 15 } });
  return world;
}

/** Resolves when the call is read before its effect, or has been moved: the two are milliseconds apart. */
function untilThen({ sandbox }: World, then: 'read' | 'moved', callId: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (seen: { callId?: string; operation?: string; id?: string | null }) => {
      if (then === 'read' ? seen.operation !== 'call' || seen.id !== callId : seen.callId !== callId) return;
      sandbox.off(event, look);
      resolve();
    };
    const event = then === 'read' ? 'request' : 'effect';
    sandbox.on(event, look);
  });
}

/**
 * Submits a transfer and resolves at an instant of it: mostly random, a few milliseconds after the call is read. Of ten
 * races one resolves at once and one after the move, so that neither side always wins, whatever the machine.
 */
async function submitAndWait(world: World, index: number, callId: string, gapMs: () => number) {
  const then = untilThen(world, index % 10 === 1 ? 'moved' : 'read', callId);
  const id = await world.submit({ callId });
  await then;
  if (index % 10 > 1) await sleep(gapMs());
  return id;
}

/** Runs the races with limited concurrency. */
async function runAll<T>(race: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let first = 0; first < RACES; first += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, RACES - first) }, (_, offset) => first + offset);
    results.push(...(await Promise.all(indexes.map(race))));
  }
  return results;
}

test(`${RACES} cancellations race the effect: each answer matches the ledger`, { timeout }, async () => {
  const world = await openRacingWorld();
  const chance = takeChance('cancellations');
  const races = await runAll(async (index) => {
    const callId = `caller-${index}`;
    world.sandbox.putCall(callId);
    const id = await submitAndWait(world, index, callId, () => chance.between(0, 30));
    const answer = await cancel(world.ports, id, UPSTREAM);
    // The answer must be true immediately, not only in the end.
    const effectsThen = world.effects(callId).length;
    return { answer, effectsThen, transfer: await world.outcome(id, 120_000) };
  });
  const transfers = races.map(({ transfer }) => transfer);
  const cancelled = races.filter(({ answer }) => answer.cancelled);
  console.log(`${cancelled.length} cancelled, ${RACES - cancelled.length} too late`);
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  for (const { answer, effectsThen, transfer } of races) {
    expect(transfer.record.status).toBe(answer.cancelled ? 'cancelled' : 'transferred');
    if (answer.cancelled) expect(effectsThen).toBe(0);
  }
  // Both sides must win sometimes.
  expect(cancelled.length).toBeGreaterThan(RACES / 20);
  expect(cancelled.length).toBeLessThan(RACES - RACES / 20);
});

test(`${RACES} callers hang up at random instants: nothing is sent for a call known to be over`, {
  timeout,
}, async () => {
  const world = await openRacingWorld();
  const { sandbox } = world;
  const chance = takeChance('hang-ups');
  const races = await runAll(async (index) => {
    const callId = `caller-${index}`;
    sandbox.putCall(callId);
    const id = await submitAndWait(world, index, callId, () => chance.between(0, 70));
    const seq = sandbox.requests.entries().at(-1)?.seq ?? 0;
    sandbox.actOnCall(callId, { action: 'hang-up' });
    const hungUpAt = sandbox.ledger.entries().at(-1)?.seq ?? 0;
    const isOver = ({ record }: StoredTransfer) => isOutcome(record.status) || record.parked;
    return { callId, seq, hungUpAt, transfer: await world.until(id, isOver, 120_000) };
  });
  const transfers = races.map(({ transfer }) => transfer);
  console.log(JSON.stringify(tally(transfers)));
  const ended = transfers.filter(({ record }) => !record.parked);
  expect(contradictions(sandbox, ended)).toEqual([]);
  for (const { callId, seq, hungUpAt, transfer } of races) {
    const later = sandbox.requests.entries(callId).filter((entry) => entry.seq > seq);
    const read = later.find(({ operation }) => operation === 'call');
    const sentKnowing = later.filter(
      (entry) => entry.operation === 'transfer' && read !== undefined && entry.seq > read.seq,
    );
    expect(sentKnowing).toEqual([]);
    expect(sandbox.ledger.entries(callId).filter((entry) => entry.seq > hungUpAt)).toEqual([]);
    // If a busy machine lost a lock or an answer, an ended call proves nothing.
    if (transfer.record.parked)
      expect(transfer.record.intents).toContainEqual(
        expect.objectContaining({ state: expect.stringMatching(/doubt/) }),
      );
    else if (transfer.record.status !== 'transferred')
      expect(transfer.record.outcome).toMatchObject({ status: 'rejected', reason: 'call-ended' });
  }
  const happened = transfers.filter(({ record }) => record.status === 'transferred').length;
  expect(happened).toBeGreaterThan(RACES / 20);
  expect(happened).toBeLessThan(RACES - RACES / 20);
});
