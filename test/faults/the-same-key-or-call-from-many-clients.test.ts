import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { contradictions } from '../support/ledger.ts';
import { type FaultWorld, openFaultWorld, type Process } from '../support/processes.ts';
import { ordinaryBody, post } from '../support/upstream.ts';

const CLIENTS = 50;
const KEYS = LONG ? 100 : 5;
const PAIRS = LONG ? 5_000 : 100;
const timeout = LONG ? 600_000 : 120_000;

let faultWorld: FaultWorld;
let apis: Process[];

beforeAll(async () => {
  faultWorld = await openFaultWorld({
    GENESYS_TIMEOUT_MS: '10000',
    SETTLE_WINDOW_MS: '11000',
    UNCONFIRMED_MAX_MS: '120000',
  });
  const { processes } = faultWorld;
  apis = await Promise.all([processes.startReady('api'), processes.startReady('api')]);
});
afterAll(() => faultWorld.close());

/** Alternates the APIs, so that the race is not within one process. */
const anApi = (index: number) => `${apis[index % apis.length]?.url}/api/transfers`;

test(`the same key from ${CLIENTS} concurrent clients: one transfer, ${CLIENTS} equal answers`, {
  timeout,
}, async () => {
  for (let round = 0; round < KEYS; round += 1) {
    const body = ordinaryBody(faultWorld.world);
    const key = randomUUID();
    const replies = await Promise.all(
      Array.from({ length: CLIENTS }, (_, index) => post(anApi(index), body, key)),
    );
    const answers = replies.map((reply) =>
      JSON.stringify([reply?.status, reply?.body, reply?.headers.get('location')]),
    );
    expect([...new Set(answers)]).toEqual([
      JSON.stringify([202, replies[0]?.body, `/api/transfers/${replies[0]?.body.id}`]),
    ]);
    const firsts = replies.filter((reply) => reply?.headers.get('idempotency-replayed') === null);
    expect(firsts).toHaveLength(1);
    expect(await faultWorld.world.store.ofCall(body.callId)).toHaveLength(1);
  }
});

test(`${PAIRS} times two submissions for one call: one is accepted, the other gets the holder`, {
  timeout,
}, async () => {
  const { world, processes } = faultWorld;
  const accepted: string[] = [];
  for (let round = 0; round < PAIRS; round += 1) {
    const body = ordinaryBody(world);
    const pair = await Promise.all([post(anApi(0), body), post(anApi(1), body)]);
    const winner = pair.find((reply) => reply?.status === 202);
    const loser = pair.find((reply) => reply?.status === 409);
    expect(winner?.body.id).toBeTypeOf('string');
    expect(loser?.body).toMatchObject({ code: 'call-already-in-transfer', holder: { id: winner?.body.id } });
    accepted.push(winner?.body.id ?? '');
  }
  await processes.startReady('worker');
  const transfers = [];
  for (const id of accepted) transfers.push(await world.outcome(id));
  expect(contradictions(world.sandbox, transfers)).toEqual([]);
  expect(transfers.filter(({ record }) => record.status !== 'transferred')).toEqual([]);
});
