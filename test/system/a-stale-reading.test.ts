import { describe, type TestContext, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld } from '../support/world.ts';

const LAG_MS = 4_000;
const UNHURRIED = { GENESYS_TIMEOUT_MS: '6000', SETTLE_WINDOW_MS: '30000' };

async function open({ onTestFinished }: TestContext, env: Record<string, string>) {
  const world = await openWorld({ env: { ...UNHURRIED, ...env } });
  onTestFinished(() => world.close());
  return { world, subject: createSubject(world.sandbox) };
}

describe.concurrent('a 409 for an ETag that the next reading still shows', () => {
  test('counts no conflict: the reading is stale, and the call is read again until it is fresh', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, { CONFLICT_MAX_RETRIES: '0' });
    const { callId } = subject;
    world.sandbox.changeSettings({ readLagMs: LAG_MS });
    world.sandbox.addScript({
      operation: 'transfer',
      id: callId,
      steps: [{ before: { action: 'bump-etag' } }],
    });
    const { record, timeline } = await world.outcome(await world.submit(requestFor(subject)));
    expect(record).toMatchObject({ outcome: { status: 'transferred', confirmedBy: 'answer' }, conflicts: 0 });
    expect(timeline.filter(({ decided }) => decided === 'stale').length).toBeGreaterThan(0);
    expect(world.effects(callId)).toHaveLength(1);
    // The delays grow: half a second, one, two …, instead of polling during the lag.
    expect(timeline.filter(({ step }) => step === 'read').length).toBeLessThan(10);
  });

  test('finds an effect of an earlier request without an answer', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, {
      CONFLICT_MAX_RETRIES: '0',
      SERVER_ERROR_RETRY_DELAY_MS: '100',
    });
    const { callId } = subject;
    world.sandbox.changeSettings({ readLagMs: LAG_MS });
    world.sandbox.addScript({ operation: 'transfer', id: callId, steps: [{ status: 503, effect: true }] });
    const { record, timeline } = await world.outcome(await world.submit(requestFor(subject)));
    expect(record).toMatchObject({
      outcome: { status: 'transferred', confirmedBy: 'reading' },
      conflicts: 0,
    });
    expect(timeline.filter(({ decided }) => decided === 'stale').length).toBeGreaterThan(0);
    expect(world.effects(callId)).toHaveLength(1);
  });
});

describe.concurrent('a platform that compares the ETag on arrival and executes later', () => {
  // The client times out before the answer; the effect still happens.
  const late = { GENESYS_TIMEOUT_MS: '500', SERVER_ERROR_RETRY_DELAY_MS: '100', SETTLE_WINDOW_MS: '6000' };
  const slow = { etagCompared: 'on-arrival', transferLatencyMs: 2_500 } as const;

  test('moves the call once if nothing is resent before the proof', async (context) => {
    const { expect } = context;
    const { world, subject } = await open(context, { ...late, RESEND_IN_WINDOW: 'false' });
    world.sandbox.changeSettings(slow);
    const { record } = await world.outcome(await world.submit(requestFor(subject)));
    expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
    expect(record.intents).toMatchObject([{ sends: 1 }]);
    expect(world.effects(subject.callId)).toHaveLength(1);
  });
});
