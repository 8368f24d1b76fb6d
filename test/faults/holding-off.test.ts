import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestEntry } from '@handover/sandbox';
import { expect, onTestFinished, test } from 'vitest';
import { contradictions } from '../support/ledger.ts';
import { openFaultWorld } from '../support/processes.ts';

const HOLD_MS = 3_000;
/** What had left a worker before it could know of the 429 counts as in flight. */
const IN_FLIGHT_MS = 150;
const ROUND = 60;

test('after a 429 no worker sends before the time told, transfers expire meanwhile, nothing is burned', async () => {
  const { world, processes, close } = await openFaultWorld({
    GENESYS_TIMEOUT_MS: '2000',
    SETTLE_WINDOW_MS: '2500',
  });
  onTestFinished(close);
  const { sandbox } = world;
  // Many transfers are between their reads and their effect when the 429 comes.
  sandbox.changeSettings({ latencyMs: { min: 0, max: 500 } });
  await processes.startWorkers(3);
  const refusal = { status: 429, headers: { 'retry-after': String(HOLD_MS / 1000) } };
  sandbox.addScript({ operation: 'transfer', steps: [{ times: 20 }, refusal] });
  const answered = new Promise<RequestEntry>((resolve) => {
    sandbox.on('answered', (entry) => {
      if (entry.status === 429) resolve(entry);
    });
  });
  const ids = await Promise.all(Array.from({ length: ROUND }, () => world.submit()));
  const { at, ms } = await answered;
  const heldFrom = at + (ms ?? 0);
  const heldUntil = heldFrom + HOLD_MS;

  await sleep(IN_FLIGHT_MS);
  const dying = await world.submit({ expiresAt: Date.now() + 1_000 });
  const more = await Promise.all(Array.from({ length: ROUND }, () => world.submit()));
  const { record: expired } = await world.outcome(dying, HOLD_MS);
  expect(expired.outcome?.status).toBe('expired');
  expect(expired.settledAt).toBeLessThan(heldUntil);
  expect(sandbox.requests.entries(expired.request?.callId)).toEqual([]);

  while (sandbox.requests.entries().every((entry) => entry.at < heldUntil)) await once(sandbox, 'request');
  const during = sandbox.requests.entries().filter((entry) => entry.at > heldFrom && entry.at < heldUntil);
  const inFlightMs = Math.max(0, ...during.map((entry) => entry.at - heldFrom));
  const first = sandbox.requests.entries().find((entry) => entry.at >= heldUntil);
  console.log(
    `${during.length} requests in flight (the last ${inFlightMs} ms after the 429), then silence; ` +
      `the next ${(first?.at ?? 0) - heldUntil} ms after the time told`,
  );
  expect(inFlightMs).toBeLessThan(IN_FLIGHT_MS);

  const transfers = [];
  for (const id of [...ids, ...more]) transfers.push(await world.outcome(id));
  const fates = transfers.map(({ record: { status, attempts, serverErrors } }) => ({
    status,
    attempts,
    serverErrors,
  }));
  expect(fates).toEqual(transfers.map(() => ({ status: 'transferred', attempts: 1, serverErrors: 0 })));
  expect(contradictions(sandbox, transfers)).toEqual([]);
});
