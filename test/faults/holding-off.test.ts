import { once } from 'node:events';
import type { RequestEntry } from '@handover/sandbox';
import { expect, onTestFinished, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { contradictions } from '../support/ledger.ts';
import { watchMachine } from '../support/machine.ts';
import { openFaultWorld } from '../support/processes.ts';

const HOLD_MS = 12_000;
/** With `FAULTS=long` only: how late a request sent before the 429 may arrive. */
const IN_FLIGHT_MS = 150;
const ROUND = 60;

test('after a 429 no worker sends before Retry-After, transfers still expire, no attempt is consumed', async () => {
  const { world, processes, close } = await openFaultWorld({
    GENESYS_TIMEOUT_MS: '20000',
    SETTLE_WINDOW_MS: '21000',
    UNCONFIRMED_MAX_MS: '120000',
    // Never reached; with a budget, Redis records when each request is admitted.
    GENESYS_REQUESTS_PER_MINUTE: '100000',
  });
  onTestFinished(close);
  const { sandbox } = world;
  const machine = watchMachine();
  onTestFinished(machine.stop);
  // Many transfers are between reads and effect when the 429 arrives.
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
  const answeredAt = at + (ms ?? 0);
  const heldUntil = await world.eventually(async () => {
    const until = Number(await world.redis.hget(world.store.keys.holdOff, 'until'));
    return until > 0 ? until : undefined;
  });
  const heldFrom = heldUntil - HOLD_MS;

  const dying = await world.submit({ expiresAt: Date.now() + 500 });
  const more = await Promise.all(Array.from({ length: ROUND }, () => world.submit()));
  const { record: expired, timeline } = await world.outcome(dying);
  expect(expired.outcome?.status).toBe('expired');
  // Not counting a worker that started afterwards.
  expect(timeline.map(({ by }) => by)).toContain('system:sweep');
  expect(timeline.map(({ step }) => step)).not.toContain('started');
  expect(sandbox.requests.entries(expired.request?.callId)).toEqual([]);

  while (sandbox.requests.entries().every((entry) => entry.at < heldUntil)) await once(sandbox, 'request');
  const during = sandbox.requests.entries().filter((entry) => entry.at > answeredAt && entry.at < heldUntil);
  const inFlightMs = Math.max(0, ...during.map((entry) => entry.at - answeredAt));
  const first = sandbox.requests.entries().find((entry) => entry.at >= heldUntil);
  console.log(
    `${during.length} requests in flight (the last ${inFlightMs} ms after the 429), then silence; ` +
      `the next ${(first?.at ?? 0) - heldUntil} ms after the time told`,
  );
  if (LONG) {
    expect(inFlightMs).toBeLessThan(IN_FLIGHT_MS + machine.latestMs());
    expect(expired.settledAt).toBeLessThan(heldUntil);
  }

  const transfers = [];
  for (const id of [...ids, ...more]) transfers.push(await world.outcome(id));
  const fates = transfers.map(({ record: { status, attempts, serverErrors } }) => ({
    status,
    attempts,
    serverErrors,
  }));
  expect(fates).toEqual(transfers.map(() => ({ status: 'transferred', attempts: 1, serverErrors: 0 })));
  expect(contradictions(sandbox, transfers)).toEqual([]);
  // By Redis' clock, in the same atomic steps: no request was admitted during the hold-off.
  const letGo = await world.redis.zrange(world.store.keys.sent, '0', '-1', 'WITHSCORES');
  const times = letGo.filter((_, index) => index % 2 === 1).map(Number);
  expect(times.length).toBeGreaterThan(2 * ROUND);
  expect(times.filter((time) => time > heldFrom && time < heldUntil)).toEqual([]);
});
