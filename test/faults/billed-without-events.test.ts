import { once } from 'node:events';
import { claimChore } from '@handover/core/redis';
import { expect, test } from 'vitest';
import { BILLING_SECRET, watchBilling } from '../support/billing.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { openFaultWorld } from '../support/processes.ts';

const TRANSFERS = 40;

test('without events every transfer is billed once, with workers killed before and between the bills', {
  timeout: 240_000,
}, async ({ onTestFinished }) => {
  const { world, processes, close } = await openFaultWorld((sandboxUrl) => ({
    GENESYS_API: 'platform',
    READ_LAG_MS: '0',
    BILLING_URL: `${sandboxUrl}/billing/records`,
    BILLING_SECRET,
    BILLING_RETRY_DELAY_MS: '200',
  }));
  onTestFinished(close);
  const { sandbox } = world;
  const { platform } = sandbox;
  const billing = watchBilling(world);
  onTestFinished(async () => {
    await billing.close();
  });
  sandbox.changeSettings({ billingSecret: BILLING_SECRET });
  platform.directory.users.put('agent', { permissions: ['conversation:communication:blindTransfer'] });
  platform.directory.users.put('expert', { routingStatus: 'IDLE' });
  platform.directory.queues.put('support', { onQueueUsers: { IDLE: 2 } });

  // Nobody's turn to bill comes, until the worker that settled the transfers is dead.
  const turn = `${world.config.queuePrefix}:turn:bill`;
  await claimChore(world.redis, world.config.queuePrefix, 'bill', 600_000);
  expect(await world.redis.exists(turn)).toBe(1);
  let worker = await processes.startReady('worker');
  const ids = await Promise.all(
    Array.from({ length: TRANSFERS }, (_, index) => {
      const callId = `c-${index}`;
      platform.putConversation(callId, { participants: [{ purpose: 'agent', user: { id: 'agent' } }] });
      const target = index % 4 === 0 ? ({ type: 'user', id: 'expert' } as const) : undefined;
      return world.submit({
        ...{ callId, userId: 'agent', target: target ?? { type: 'queue', id: 'support' } },
        ...{ wrapUpCodeId: 'sold', metadata: { ticket: `t-${index}` } },
      });
    }),
  );
  for (const id of ids) {
    const { record } = await world.outcome(id);
    expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
  }
  worker.kill('SIGKILL');
  await worker.exited;
  expect(await billing.bills()).toEqual([]);
  expect((await billing.report()).waiting).toBe(TRANSFERS);

  const billed = once(sandbox, 'billed', { signal: AbortSignal.timeout(PATIENCE_MS) });
  await world.redis.del(turn);
  worker = await processes.startReady('worker');
  await billed;
  worker.kill('SIGKILL');
  await worker.exited;
  worker = await processes.startReady('worker');
  await world.eventually(async () => {
    const { waiting } = await billing.report();
    const isDone = waiting === 0 && (await billing.pending()) === 0;
    return isDone && sandbox.billing.entries().length >= TRANSFERS ? true : undefined;
  });

  expect(await billing.discrepancies()).toEqual([]);
  const bills = await billing.bills();
  expect(bills.map(({ id }) => id).sort()).toEqual([...ids].sort());
  for (const { target, callId, metadata, ...bill } of bills) {
    const [moved] = sandbox.ledger.entries(callId);
    expect(moved?.target).toEqual(target);
    expect(metadata?.ticket).toBe(callId.replace('c-', 't-'));
    expect(bill).toMatchObject({ billingCode: 'TRANSFER_BLIND', transferType: 'blind', synthesized: true });
  }
  const received = sandbox.billing.entries();
  expect(received.map(({ key }) => key).sort()).toEqual([...ids].sort());
  expect(received.every(({ signed }) => signed)).toBe(true);
  expect(await billing.report()).toMatchObject({ synthesized: TRANSFERS, matched: 0, waiting: 0 });
});
