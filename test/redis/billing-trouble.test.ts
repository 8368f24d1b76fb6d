import { type Bill, dueBills, register, urlDigest } from '@handover/core/billing';
import { createWebhookStore, readWebhookState } from '@handover/core/redis';
import { createSandbox } from '@handover/sandbox';
import { Client } from 'pg';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { createPostgresDestination } from '../../packages/core/src/destinations/postgres.ts';
import { createGenesys } from '../../packages/core/src/genesys/genesys.ts';
import { openTestLane } from '../support/lane.ts';
import { startOwnPostgres } from '../support/own-postgres.ts';
import { openDatabase } from '../support/postgres.ts';
import { ask } from '../support/postgres-server.ts';

const bill: Bill = {
  ...{ id: 'b-1', eventId: 'e-1', callId: 'call-1', transferType: 'blind', target: { id: 'support' } },
  ...{ timestamp: '2026-11-22T10:00:00.000Z', billingCode: 'TRANSFER_BLIND' },
};
const signal = new AbortController().signal;

function postgresAt(url: string) {
  const made = createPostgresDestination({ url, connections: 2, timeoutMs: 5_000, onError: () => undefined });
  onTestFinished(() => made.close());
  return made;
}

describe('PostgreSQL', () => {
  test('that dies while the tables are created fails the bill, not the process', async ({ skip }) => {
    const own = (await startOwnPostgres()) ?? skip('no PostgreSQL server program');
    onTestFinished(() => own.stop());
    const destination = postgresAt(own.url);
    const other = new Client({ connectionString: own.url });
    other.on('error', () => undefined);
    await other.connect();
    await other.query('SELECT pg_advisory_lock(4812207591)');
    const uncaught = vi.fn();
    process.prependListener('uncaughtException', uncaught);
    onTestFinished(() => {
      process.off('uncaughtException', uncaught);
    });
    const answer = destination.deliver(bill, signal);
    const waits = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'handover-worker' AND wait_event_type = 'Lock'`;
    await expect.poll(() => ask(own.url, waits)).toHaveLength(1);
    await own.kill();
    expect(await answer).toMatchObject({ delivered: false, kind: 'trouble' });
    expect(uncaught).not.toHaveBeenCalled();
  });

  test('with only SELECT and INSERT is enough once the tables exist', async ({ skip }) => {
    const own = (await startOwnPostgres()) ?? skip('no PostgreSQL server program');
    onTestFinished(() => own.stop());
    expect(await postgresAt(own.url).deliver(bill, signal)).toEqual({ delivered: true });
    await ask(own.url, `CREATE ROLE clerk LOGIN PASSWORD 'clerk'`);
    await ask(own.url, 'REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    await ask(own.url, 'GRANT SELECT, INSERT ON handover_billing_records, handover_migrations TO clerk');
    const url = Object.assign(new URL(own.url), { username: 'clerk', password: 'clerk' }).href;
    expect(await postgresAt(url).deliver({ ...bill, id: 'b-2' }, signal)).toEqual({ delivered: true });
    expect(await ask(own.url, 'SELECT id FROM handover_billing_records ORDER BY id')).toEqual([
      { id: 'b-1' },
      { id: 'b-2' },
    ]);
  });

  test.skipIf(inject('noDatabase') !== '')(
    'whose tables are gone (restored, recreated) gets them again without a restart',
    async () => {
      const database = await openDatabase();
      onTestFinished(() => database.close());
      const destination = postgresAt(database.url);
      await destination.deliver(bill, signal);
      await ask(database.url, 'DROP TABLE handover_billing_records, handover_migrations');
      await destination.deliver(bill, signal);
      expect(await destination.deliver(bill, signal)).toEqual({ delivered: true });
    },
  );
});

describe('the registration of the webhook', () => {
  const callbackUrl = 'https://handover.example/webhooks/billing-sync?token=long-enough&v=4';

  async function start() {
    const lane = openTestLane();
    const sandbox = createSandbox();
    const baseUrl = await sandbox.listen();
    const genesys = createGenesys({
      dialect: 'voice',
      ...{ redis: lane.redis, lane: lane.lane, baseUrl, clientId: 'c', clientSecret: 's', timeoutMs: 20_000 },
      budget: { requests: 0, windowMs: 0 },
      ...{ cache: { userTtlMs: 0, queueTtlMs: 0 }, onRequest: () => undefined, onToken: () => undefined },
    });
    onTestFinished(async () => {
      genesys.close();
      await sandbox.close();
      await lane.close();
    });
    const store = createWebhookStore(lane.redis, lane.lane);
    const digest = urlDigest(callbackUrl);
    await store.want(digest);
    const again = (until = signal) =>
      register({ callbackUrl, digest }, { registrar: genesys.webhooks, store }, { random: 0, signal: until });
    return { sandbox, again, state: () => readWebhookState(lane.redis, lane.lane) };
  }

  test('succeeds despite someone else’s webhook of another kind', async () => {
    const { sandbox, again } = await start();
    const entities = [{ id: 'x', name: 'SomebodyElsesHook', url: 'https://else.example/' }];
    sandbox.addScript({ operation: 'webhook', steps: [{ status: 200, body: { entities } }] });
    expect(await again()).toMatchObject({ do: 'done', how: 'registered' });
  });

  test('does not count as failed because this process stops', async () => {
    const { again, state } = await start();
    expect(await again(AbortSignal.abort())).toMatchObject({ do: 'retry', inMs: 0 });
    expect(await state()).toMatchObject({ state: 'pending' });
  });

  test('reports the status of a failure, whatever the query of the callback URL', async () => {
    const { sandbox, again } = await start();
    sandbox.addScript({ operation: 'webhook', steps: [{ status: 403 }] });
    expect(await again()).toMatchObject({ detail: expect.stringContaining('answered 403') });
  });
});

test('a later update of a call makes no second bill after the record has expired', () => {
  const shown = { callId: 'call-1', transferType: 'blind', target: { id: 'support' } } as const;
  const events = [
    { ...shown, key: 'event-1', at: 1_000, receivedAt: 1_000, billedAs: 'transfer-1' },
    { ...shown, key: 'event-2', at: 2_000, receivedAt: 2_000 },
  ];
  expect(dueBills(events, [])).toEqual([]);
});
