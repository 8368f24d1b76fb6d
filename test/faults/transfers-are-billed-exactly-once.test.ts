import { once } from 'node:events';
import type { LedgerEntry } from '@handover/sandbox';
import { expect, inject, test } from 'vitest';
import { BILLING_SECRET, billingEnv, watchBilling } from '../support/billing.ts';
import { LONG, takeChance } from '../support/chance.ts';
import { contradictions } from '../support/ledger.ts';
import { freePort } from '../support/ports.ts';
import { openDatabase } from '../support/postgres.ts';
import { ask } from '../support/postgres-server.ts';
import { openFaultWorld } from '../support/processes.ts';

const TRANSFERS = LONG ? 10_000 : 600;
const BATCH = LONG ? 1_000 : 300;
const MOVED_BY_OTHERS = TRANSFERS / 20;
const MATCH_WINDOW_MS = LONG ? 12_000 : 6_000;
const LATEST_EVENT_MS = LONG ? 4_000 : 2_000;

const noDatabase = inject('noDatabase');
if (noDatabase !== '') console.log(`${TRANSFERS} transfers are billed without PostgreSQL: ${noDatabase}`);

/**
 * The oracle is the sandbox's ledger: each effect is billed once, or has a discrepancy. Events are dropped, duplicated and
 * reordered; workers and the receiver are killed and restarted meanwhile.
 */
test(`${TRANSFERS} transfers, events dropped, duplicated and reordered, processes killed: billed once, or a discrepancy`, {
  timeout: LONG ? 1_800_000 : 300_000,
}, async ({ onTestFinished }) => {
  const chance = takeChance('billing');
  const database = noDatabase === '' ? await openDatabase() : undefined;
  onTestFinished(() => database?.close());
  const apiPort = await freePort();
  const { world, processes, close } = await openFaultWorld(
    (sandboxUrl) => ({
      ...billingEnv(sandboxUrl, apiPort),
      BILLING_MATCH_WINDOW_MS: String(MATCH_WINDOW_MS),
      GENESYS_TIMEOUT_MS: '8000',
      SETTLE_WINDOW_MS: '9000',
      UNCONFIRMED_MAX_MS: '120000',
      SERVER_ERROR_RETRY_DELAY_MS: '500',
      USER_CACHE_TTL_MS: '60000',
      QUEUE_CACHE_TTL_MS: '60000',
      ...(database && { BILLING_DATABASE_URL: database.url }),
    }),
    { random: () => chance.between(0, 1) },
  );
  onTestFinished(close);
  const { sandbox } = world;
  const billing = watchBilling(world);
  onTestFinished(async () => {
    await billing.close();
  });
  sandbox.changeSettings({
    billingSecret: BILLING_SECRET,
    eventDropRate: 0.1,
    eventDuplicateRate: 0.2,
    eventDelayMs: { min: 0, max: LATEST_EVENT_MS },
    eventRetryIntervalMs: 1_500,
  });
  let api = await processes.startReady('api', apiPort);
  let [first, second] = await processes.startWorkers(2);
  await world.eventually(async () => (sandbox.webhooks.list().length > 0 ? true : undefined));

  // Someone else moves some of the calls on after us. Not one whose event is dropped: if the worker is
  // also killed before the answer, nothing can prove the move, and an operator has to settle it.
  const movedOn = new Set<string>();
  sandbox.on('effect', ({ by, callId }) => {
    if (by !== 'api' || movedOn.size >= MOVED_BY_OTHERS || chance.between(0, 1) > 0.3) return;
    if (sandbox.events.entries(callId).at(-1)?.dropped !== false) return;
    movedOn.add(callId);
    sandbox.actOnCall(callId, { action: 'move', target: { type: 'queue', id: 'elsewhere' } });
  });

  const calls = Array.from({ length: TRANSFERS }, (_, index) => `call-${index}`);
  sandbox.addMany({ calls, users: ['agent'], queues: ['support', 'sales', 'elsewhere'] });
  const bodies = calls.map((callId, index) => ({
    callId,
    userId: 'agent',
    transferType: index % 4 === 0 ? 'consult' : 'blind',
    target: { type: 'queue', id: index % 3 === 0 ? 'sales' : 'support' },
    metadata: { ticket: `t-${index}` },
  }));
  const ids = new Map<string, string>();
  for (let from = 0; from < TRANSFERS; from += BATCH) {
    const batch = bodies.slice(from, from + BATCH);
    const response = await fetch(`${api.url}/api/transfers/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ transfers: batch }),
    });
    const { results } = (await response.json()) as { results: { status: number; id: string }[] };
    for (const [index, { id }] of results.entries()) ids.set(batch[index]?.callId ?? '', id);
  }
  expect(ids.size).toBe(TRANSFERS);

  const effects = () => sandbox.ledger.entries().filter(({ by }) => by === 'api').length;
  const untilEffects = async (count: number) => {
    while (effects() < count) await once(sandbox, 'effect');
  };
  await untilEffects(TRANSFERS * 0.2);
  first?.kill('SIGKILL');
  first = await processes.startReady('worker');
  await untilEffects(TRANSFERS * 0.4);
  await api.stop(60_000);
  api = await processes.startReady('api', apiPort);
  await untilEffects(TRANSFERS * 0.6);
  second?.kill('SIGKILL');
  second = await processes.startReady('worker');
  await untilEffects(TRANSFERS * 0.8);
  api.kill('SIGKILL');
  await api.exited;
  api = await processes.startReady('api', apiPort);
  await first.stop(60_000);
  first = await processes.startReady('worker');

  const transfers = [];
  for (const id of ids.values()) transfers.push(await world.outcome(id, 120_000));
  expect(contradictions(sandbox, transfers)).toEqual([]);
  expect(transfers.filter(({ record }) => record.status !== 'transferred')).toEqual([]);
  await sandbox.events.settled();
  const allDone = async () => {
    const { waiting } = await billing.report();
    return waiting === 0 && (await billing.pending()) === 0 ? true : undefined;
  };
  await world.eventually(allDone, MATCH_WINDOW_MS + 120_000);

  // The expected knowledge: all our moves, and moves of others whose event was sent.
  const ledger = sandbox.ledger.entries();
  const untold = new Set(
    sandbox.events
      .entries()
      .filter(({ sendings }) => !sendings.some(({ status }) => status === 200))
      .map(({ event }) => keyOf(event.event_data.id, event.event_data.target?.id)),
  );
  const ours = ledger.filter(({ by }) => by === 'api');
  const others = ledger.filter((entry) => entry.by !== 'api' && !untold.has(ledgerKey(entry)));
  const bills = await billing.bills();
  const open = await billing.open();
  console.log(
    `ledger ${ours.length} + ${others.length} by others, bills ${bills.length}, discrepancies ${open.length}, ` +
      `events told ${sandbox.events.entries().length - untold.size}`,
  );
  expect(ours).toHaveLength(TRANSFERS);
  const billed = new Set(bills.map(({ callId, target }) => keyOf(callId, target.id)));
  const named = new Set(open.map(({ callId, expected }) => keyOf(callId, expected?.target.id)));
  expect(billed.size).toBe(bills.length);
  expect([...billed].filter((key) => named.has(key))).toEqual([]);
  expect([...billed, ...named].sort()).toEqual([...ours, ...others].map(ledgerKey).sort());
  expect(new Set(open.map(({ callId }) => ids.get(callId)))).toEqual(
    new Set(open.map(({ transferId }) => transferId)),
  );
  // Each of ours has the upstream's metadata.
  const own = bills.filter(({ transferId }) => transferId !== undefined);
  expect(own.every(({ callId, metadata }) => metadata?.ticket === `t-${callId.slice('call-'.length)}`)).toBe(
    true,
  );
  expect(own.every(({ callId, transferId }) => ids.get(callId) === transferId)).toBe(true);

  const received = sandbox.billing.entries();
  expect(received.map(({ key }) => key).sort()).toEqual(bills.map(({ id }) => id).sort());
  expect(received.every(({ signed }) => signed)).toBe(true);
  if (database !== undefined) {
    const rows = await ask(database.url, 'SELECT id FROM handover_billing_records');
    expect(rows.map(({ id }) => id).sort()).toEqual(bills.map(({ id }) => id).sort());
  }

  // The dropped events arrive late: every discrepancy is resolved, and nothing is billed twice.
  sandbox.changeSettings({ eventDropRate: 0, eventDuplicateRate: 0, eventDelayMs: 0 });
  for (const { event, sendings } of sandbox.events.entries())
    if (!sendings.some(({ status }) => status === 200)) await sandbox.events.send(event);
  await sandbox.events.settled();
  await world.eventually(async () => ((await billing.open()).length === 0 ? allDone() : undefined), 120_000);
  const healed = await billing.bills();
  expect(healed.map(({ callId, target }) => keyOf(callId, target.id)).sort()).toEqual(
    ledger.map(ledgerKey).sort(),
  );
  expect((await billing.report()).matched).toBe(TRANSFERS);
  expect(sandbox.webhooks.list()).toHaveLength(1);
});

function keyOf(callId: string, target: string | undefined): string {
  return `${callId} → ${target}`;
}

function ledgerKey({ callId, target }: LedgerEntry): string {
  return keyOf(callId, target.id);
}
