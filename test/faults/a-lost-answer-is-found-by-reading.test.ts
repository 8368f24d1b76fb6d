import type { Sandbox } from '@handover/sandbox';
import { type TestContext, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { contradictions } from '../support/ledger.ts';
import { openWorld } from '../support/world.ts';

type Step = Parameters<Sandbox['addScript']>[0]['steps'][number];

const TRANSFERS = LONG ? 1_000 : 50;
const timeout = LONG ? 600_000 : 240_000;
/** The read lag in all of these: less than the settle window of these worlds. */
const READ_LAG_MS = 250;

/** Moves calls through a platform whose first answer to each transfer is the step; returns the results. */
async function transferThrough({ onTestFinished }: TestContext, step: Step) {
  const world = await openWorld({
    workers: 2,
    env: {
      GENESYS_TIMEOUT_MS: '6000',
      SETTLE_WINDOW_MS: '7000',
      SERVER_ERROR_MAX_RETRIES: '20',
      UNCONFIRMED_MAX_MS: '120000',
      TRANSFER_CONCURRENCY: '100',
    },
  });
  onTestFinished(() => world.close());
  const { sandbox } = world;
  sandbox.changeSettings({ readLagMs: READ_LAG_MS });
  const ids: string[] = [];
  for (let index = 0; index < TRANSFERS; index += 1) {
    const callId = `call-${index}`;
    sandbox.putCall(callId);
    sandbox.addScript({ operation: 'transfer', id: callId, steps: [step] });
    ids.push(await world.submit({ callId }));
  }
  const transfers = [];
  for (const id of ids) transfers.push(await world.outcome(id, 120_000));
  return { sandbox, transfers, posts: sandbox.requests.counts().transfer };
}

const happened: { name: string; step: Step }[] = [
  { name: 'the connection is reset', step: { drop: 'after' } },
  { name: 'nothing is answered', step: { hang: 'after' } },
  { name: 'the platform answers 502', step: { status: 502, effect: true } },
];
test.concurrent.for(happened)(
  'the effect happened and $name: found by reading, moved once',
  { timeout },
  async ({ step }, context) => {
    const { expect } = context;
    const { sandbox, transfers, posts } = await transferThrough(context, step);
    expect(contradictions(sandbox, transfers)).toEqual([]);
    expect(transfers.map(({ record }) => record.outcome?.confirmedBy)).toEqual(
      transfers.map(() => 'reading'),
    );
    expect(sandbox.ledger.entries()).toHaveLength(TRANSFERS);
    console.log(`${JSON.stringify(step)}: ${TRANSFERS} effects, ${posts} POSTs`);
  },
);

const missed: { name: string; step: Step }[] = [
  { name: 'the connection is reset', step: { drop: 'before' } },
  { name: 'the platform answers 503', step: { status: 503 } },
];
test.concurrent.for(missed)(
  'nothing happened and $name: resent, moved once',
  { timeout },
  async ({ step }, context) => {
    const { expect } = context;
    const { sandbox, transfers, posts } = await transferThrough(context, step);
    expect(contradictions(sandbox, transfers)).toEqual([]);
    expect(transfers.map(({ record }) => record.status)).toEqual(transfers.map(() => 'transferred'));
    expect(sandbox.ledger.entries()).toHaveLength(TRANSFERS);
    console.log(`${JSON.stringify(step)}: ${TRANSFERS} effects, ${posts} POSTs`);
  },
);
