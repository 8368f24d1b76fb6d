import { once } from 'node:events';
import { expect, test } from 'vitest';
import { BILLING_SECRET, billingEnv, WEBHOOK_SECRET, watchBilling } from '../support/billing.ts';
import { LONG } from '../support/chance.ts';
import { watchMachine } from '../support/machine.ts';
import { startOwnPostgres } from '../support/own-postgres.ts';
import { freePort } from '../support/ports.ts';
import { ask } from '../support/postgres-server.ts';
import { openFaultWorld } from '../support/processes.ts';

const EVENTS = 200;
const WORKERS = 2;
/** Concurrent deliveries in one process (apps/worker/src/billing/deliveries.ts). */
const AT_ONCE = 10;
const RETRY_DELAY_MS = 300;
/** With `FAULTS=long` only. Always asserted: events are answered and billed while the destinations are down. */
const WELL_BELOW_A_TIMEOUT_MS = 1_000;

test('failing destinations lose nothing, are not flooded on recovery, and delay no event', {
  timeout: 240_000,
}, async ({ onTestFinished }) => {
  const postgres = await startOwnPostgres();
  if (postgres !== undefined) onTestFinished(() => postgres.stop());
  else console.log('Without PostgreSQL: only the HTTP destination is taken down.');
  const apiPort = await freePort();
  const { world, processes, close } = await openFaultWorld((sandboxUrl) => ({
    ...billingEnv(sandboxUrl, apiPort),
    BILLING_RETRY_DELAY_MS: String(RETRY_DELAY_MS),
    ...(postgres && { BILLING_DATABASE_URL: postgres.url }),
  }));
  onTestFinished(close);
  const { sandbox } = world;
  // Records the time of each try.
  const machine = watchMachine();
  onTestFinished(machine.stop);
  const billing = watchBilling(world);
  onTestFinished(async () => {
    await billing.close();
  });
  const api = await processes.startReady('api', apiPort);
  await processes.startWorkers(WORKERS);

  sandbox.changeSettings({ billingSecret: BILLING_SECRET, billingStatus: 503 });
  await postgres?.kill();
  const times: number[] = [];
  for (let index = 0; index < EVENTS; index += 1) {
    const from = performance.now();
    const answer = await fetch(`${api.url}/webhooks/billing-sync`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${WEBHOOK_SECRET}` },
      body: JSON.stringify(eventOf(index)),
    });
    times.push(performance.now() - from);
    expect(answer.status).toBe(200);
  }
  const median = times.sort((a, b) => a - b)[EVENTS / 2] ?? Number.POSITIVE_INFINITY;
  await world.eventually(async () => ((await billing.bills()).length === EVENTS ? true : undefined));
  while (roundsOf(sandbox.billing.requests()) < 4) await once(sandbox, 'billingAnswered');
  const whileDown = sandbox.billing.requests();
  expect(sandbox.billing.entries()).toEqual([]);

  await postgres?.restart();
  sandbox.changeSettings({ billingStatus: null, billingLatencyMs: 20 });
  const upFrom = sandbox.billing.requests().length;
  while (sandbox.billing.entries().length < EVENTS) await once(sandbox, 'billed');
  await world.eventually(async () => ((await billing.pending()) === 0 ? true : undefined), 120_000);

  const bills = (await billing.bills()).map(({ id }) => id).sort();
  expect(
    sandbox.billing
      .entries()
      .map(({ key }) => key)
      .sort(),
  ).toEqual(bills);
  if (postgres !== undefined) {
    const rows = await ask(postgres.url, 'SELECT id FROM handover_billing_records');
    expect(rows.map(({ id }) => id).sort()).toEqual(bills);
  }
  // Each bill backs off on its own; together they leave the destination alone.
  for (const tries of triesOf(sandbox.billing.requests()))
    for (const [index, { at }] of tries.slice(1).entries())
      expect(at - (tries[index]?.at ?? 0)).toBeGreaterThanOrEqual(
        RETRY_DELAY_MS * 2 ** index - 50 - machine.latestMs(),
      );
  expect(whileDown.length).toBeLessThan(EVENTS);
  const afterwards = sandbox.billing.requests().slice(upFrom);
  const most = mostAtOnce(afterwards);
  expect(most).toBeLessThanOrEqual(WORKERS * AT_ONCE);
  if (LONG) expect(median).toBeLessThan(WELL_BELOW_A_TIMEOUT_MS);
  console.log(
    `while down ${whileDown.length} tries for ${EVENTS} records; afterwards at most ${most} at once; an event was answered in ${median.toFixed(1)} ms (median)`,
  );
});

function eventOf(index: number) {
  return {
    id: `event-${index}`,
    type: 'voice.call.updated',
    timestamp: new Date().toISOString(),
    event_data: { id: `call-${index}`, transferType: 'blind', target: { id: 'support' } },
  };
}

type Try = { at: number; key: string | null; ms: number | null };

/** How often the destination was tried after a pause. */
function roundsOf(requests: Try[]): number {
  return requests.filter(({ at }, index) => at - (requests[index - 1]?.at ?? 0) > 700).length;
}

/** The tries of each bill, in order. */
function triesOf(requests: Try[]): Try[][] {
  const byKey = new Map<string | null, Try[]>();
  for (const one of requests) byKey.set(one.key, [...(byKey.get(one.key) ?? []), one]);
  return [...byKey.values()];
}

/** The maximum number of concurrent requests. Times are rounded: one that ends as another begins is not. */
function mostAtOnce(requests: Try[]): number {
  const ROUNDING_MS = 2;
  const endOf = ({ at, ms }: Try) => at + (ms ?? 0) - ROUNDING_MS;
  return Math.max(
    0,
    ...requests.map(({ at }) => requests.filter((other) => other.at <= at && endOf(other) > at).length),
  );
}
