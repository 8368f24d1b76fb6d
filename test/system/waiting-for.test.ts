import { readPace } from '@handover/core/redis';
import { tell, waitingFor } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSubject, requestFor } from '../support/subject.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  // Until the next look, so that what is waited for stays to be seen.
  world = await openWorld({ env: { SERVER_ERROR_RETRY_DELAY_MS: '60000', SETTLE_WINDOW_MS: '60000' } });
});
afterAll(() => world.close());

/** What a transfer waits for once its first run has ended. */
async function afterFirstRun(script?: Omit<Parameters<World['sandbox']['addScript']>[0], 'id'>) {
  const subject = createSubject(world.sandbox);
  if (script !== undefined) world.sandbox.addScript({ ...script, id: subject.callId });
  const id = await world.submit(requestFor(subject));
  const waits = ({ step }: { step: string }) => step === 'waiting';
  const { record, timeline } = await world.until(id, (transfer) => transfer.timeline.some(waits));
  const waiting = waitingFor(record, await readPace(world.redis, world.store.lane, world.queue));
  return { waiting, until: record.nextAt, story: tell({ record, waiting, timeline }) };
}

test('runs store what they wait for: the next try, a proof, a hold-off', async () => {
  const failed = await afterFirstRun({ operation: 'call', steps: [{ status: 503, times: 9 }] });
  expect(failed.waiting).toEqual({ reason: 'retry', until: failed.until });
  expect(failed.story).toMatch(/did not succeed yet \(.*503.*\) and is tried again at/);

  const lost = await afterFirstRun({ operation: 'transfer', steps: [{ drop: 'before' }] });
  expect(lost.waiting).toEqual({ reason: 'proof', until: lost.until });
  expect(lost.story).toMatch(/^It is not known yet whether the call was moved to/);

  const tooMany = { status: 429, headers: { 'retry-after': '60' } };
  const held = await afterFirstRun({ operation: 'call', steps: [tooMany] });
  expect(held.waiting).toEqual({ reason: 'hold-off', until: held.until });
  expect(held.story).toMatch(/: Genesys asked us to send less \(rate limited\)\.$/);

  const behind = await world.submit(requestFor(createSubject(world.sandbox)));
  const pace = await readPace(world.redis, world.store.lane, world.queue);
  expect(waitingFor((await world.get(behind)).record, pace)).toEqual({
    reason: 'hold-off',
    until: pace.held?.until,
  });
});

test('jobs that are being taken hold nothing up', async () => {
  const busy = await openWorld();
  for (let count = 0; count < 3; count += 1)
    await busy.outcome(await busy.submit(requestFor(createSubject(busy.sandbox))));
  expect(await readPace(busy.redis, busy.store.lane, busy.queue)).toMatchObject({ paused: false });
  expect((await readPace(busy.redis, busy.store.lane, busy.queue)).held).toBeUndefined();
  await busy.close();
});
