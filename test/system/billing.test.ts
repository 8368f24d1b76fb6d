import { openDialect } from '@handover/core/genesys';
import { queueEvent } from '@handover/core/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { billingEnv, watchBilling } from '../support/billing.ts';
import { createSubject, requestFor, type Subject } from '../support/subject.ts';
import { openWorld, type World } from '../support/world.ts';

const { parseEvent } = openDialect('voice');

let world: World;
let billing: ReturnType<typeof watchBilling>;
beforeAll(async () => {
  world = await openWorld({
    env: (sandboxUrl) => ({ ...billingEnv(sandboxUrl), UNCONFIRMED_MAX_MS: '2500' }),
  });
  billing = watchBilling(world);
});
afterAll(async () => {
  await billing.close();
  await world.close();
});

/** Does what the API does with the platform's event of this call's last change. */
async function sendEvent({ callId }: Subject): Promise<void> {
  const made = world.sandbox.events.entries(callId).at(-1);
  const parsed = parseEvent(made?.event, Date.now());
  if (parsed.is !== 'transfer') throw new Error(`no transfer in ${JSON.stringify(made)}`);
  await queueEvent(billing.queue, parsed.event);
}

const billsOf = async ({ callId }: Subject) =>
  (await billing.bills()).filter((bill) => bill.callId === callId);
const deadLetters = async () => (await world.store.deadLetters()).map(({ record }) => record.id);

/** A transfer that happened without an answer, whose call cannot be read any more. */
async function inDoubt(subject: Subject): Promise<string> {
  world.sandbox.addScript({
    operation: 'transfer',
    id: subject.callId,
    steps: [{ status: 503, effect: true }],
  });
  world.sandbox.once('effect', ({ callId }) =>
    world.sandbox.addScript({ operation: 'call', id: callId, steps: [{ status: 503, times: 1_000 }] }),
  );
  const id = await world.submit({ ...requestFor(subject), metadata: { ticket: '4711' } });
  await world.until(id, ({ record }) => record.status === 'unconfirmed');
  return id;
}

test('an event settles a transfer in doubt, which is then billed and not resent', async () => {
  const subject = createSubject(world.sandbox);
  const id = await inDoubt(subject);
  await sendEvent(subject);
  const { record, timeline } = await world.outcome(id);
  expect(record.outcome).toMatchObject({ status: 'transferred', isFallback: false, confirmedBy: 'event' });
  expect(timeline.at(-1)).toMatchObject({ step: 'outcome', by: expect.stringMatching(/^genesysEvent:/) });
  await expect
    .poll(() => billsOf(subject))
    .toMatchObject([{ id, transferId: id, billingCode: 'TRANSFER_BLIND', metadata: { ticket: '4711' } }]);
  // Removed, or finished if a worker had just taken it.
  await world.finishedJob(id);
  expect(world.effects(subject.callId)).toHaveLength(1);
});

test('also one that is already a dead letter, which is then removed from the list', async () => {
  const subject = createSubject(world.sandbox);
  const id = await inDoubt(subject);
  await world.until(id, ({ record }) => record.parked);
  expect(await deadLetters()).toContain(id);
  await sendEvent(subject);
  expect((await world.outcome(id)).record.outcome).toMatchObject({
    status: 'transferred',
    confirmedBy: 'event',
  });
  expect(await deadLetters()).not.toContain(id);
  expect(world.effects(subject.callId)).toHaveLength(1);
});

test('a transfer with another outcome that happened is billed, has a discrepancy, and is a dead letter', async () => {
  const subject = createSubject(world.sandbox);
  world.sandbox.addScript({
    operation: 'transfer',
    id: subject.callId,
    steps: [{ drop: 'before', times: 99 }],
  });
  const id = await world.submit({ ...requestFor(subject), expiresAt: Date.now() + 500 });
  expect((await world.outcome(id)).record.outcome).toMatchObject({ status: 'expired' });
  const target = { type: 'queue', id: subject.target } as const;
  world.sandbox.actOnCall(subject.callId, { action: 'move', target });
  await sendEvent(subject);
  await expect.poll(() => billsOf(subject)).toMatchObject([{ id, transferId: id }]);
  await expect.poll(deadLetters).toContain(id);
  await expect
    .poll(async () => (await billing.open()).filter(({ transferId }) => transferId === id), {
      timeout: 60_000,
    })
    .toMatchObject([{ name: 'unknown-transfer', synthesized: false }]);
  expect((await world.get(id)).record.outcome).toMatchObject({ status: 'expired' });
});

test('a transfer without an event is a discrepancy, which a late event resolves', async () => {
  const subject = createSubject(world.sandbox);
  const id = await world.submit(requestFor(subject));
  await world.outcome(id);
  const ofThis = async () => (await billing.discrepancies()).filter(({ transferId }) => transferId === id);
  await expect.poll(ofThis, { timeout: 60_000 }).toMatchObject([{ name: 'missing-event', healedAt: null }]);
  expect(await billsOf(subject)).toEqual([]);
  await sendEvent(subject);
  await expect.poll(() => billsOf(subject)).toMatchObject([{ id }]);
  expect(await ofThis()).toMatchObject([{ name: 'missing-event', healedAt: expect.any(Number) }]);
});
