import { setMaxListeners } from 'node:events';
import { inspect } from 'node:util';
import type { MoveCommand, Reading, Target } from '@handover/core/transfer';
import { createSandbox, type Sandbox } from '@handover/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGenesys, type Genesys } from '../../packages/core/src/genesys/genesys.ts';
import { markOf, openTestLane, type TestLane } from '../support/lane.ts';

let lane: TestLane;
let sandbox: Sandbox;
let baseUrl: string;
let genesys: Genesys;
const { signal } = new AbortController();
// Fifty concurrent readings add listeners.
setMaxListeners(0, signal);

beforeEach(async () => {
  lane = openTestLane();
  sandbox = createSandbox({ client: { id: 'client', secret: 'sec-0815' } });
  baseUrl = await sandbox.listen();
  genesys = open(baseUrl);
});
afterEach(async () => {
  genesys.close();
  await sandbox.close();
  await lane.close();
});

function open(url: string, clientSecret = 'sec-0815'): Genesys {
  return createGenesys({
    dialect: 'voice',
    ...{
      redis: lane.redis,
      lane: lane.lane,
      baseUrl: url,
      clientId: 'client',
      clientSecret,
      timeoutMs: 20_000,
      budget: { requests: 0, windowMs: 0 },
    },
    ...{ cache: { userTtlMs: 0, queueTtlMs: 0 }, onRequest: () => undefined, onToken: () => undefined },
  });
}

const value = <T>(reading: Reading<T>): T => {
  if (!reading.ok) throw new Error(JSON.stringify(reading.failure));
  return reading.value;
};
const readCall = (id: string) => genesys.transfers.readCall({ callId: id, userId: 'u' }, signal);
const readQueue = (id: string) => genesys.transfers.readTarget({ type: 'queue', id }, signal);
const support = { type: 'queue', id: 'support' } as const satisfies Target;

function move(
  { etag = '"1"', ...change }: Partial<MoveCommand> & { etag?: string },
  gate = async () => true,
) {
  const command: MoveCommand = {
    ...{
      effect: 'move',
      callId: 'c',
      userId: 'u',
      transferType: 'blind',
      target: support,
      mark: markOf(etag),
    },
    ...change,
  };
  return genesys.transfers.move(command, gate, signal);
}

const awkward = [
  'a/b',
  '../x',
  'x/../y',
  '..%2Fx',
  '%',
  '%2e%2e',
  'a?b=c#d',
  'a b+c&d',
  'ü€转🎧',
  "a;b:c@d'e",
  '...',
];

describe.each(awkward)('the id %s', (id) => {
  test('names the same call, agent and queue on both sides', async () => {
    sandbox.putCall(id);
    sandbox.putUser(id);
    sandbox.putQueue(id);
    expect(value(await readCall(id))).toMatchObject({ id, ended: false });
    expect(
      value(await genesys.transfers.readAgent({ userId: id, target: { type: 'queue', id: 'q' } }, signal)),
    ).toMatchObject({ id, mayTransfer: true });
    expect(value(await readQueue(id))).toMatchObject({ open: true });
  });

  test('moves that call and no other', async () => {
    const { etag } = sandbox.putCall(id);
    sandbox.putQueue(id);
    expect(await move({ callId: id, target: { type: 'queue', id }, etag })).toMatchObject({ moved: 'done' });
    expect(sandbox.ledger.entries(id)).toMatchObject([{ by: 'api', target: { type: 'queue', id } }]);
  });
});

describe('an agent may transfer', () => {
  test.each<[string, { id: string; name?: string }[], boolean]>([
    ['with the role of that id', [{ id: 'other' }, { id: 'call:transfer:execute' }], true],
    ['with a role whose name contains Supervisor', [{ id: 'r', name: 'Night Supervisor EMEA' }], true],
    ['but not with the name of a supervisor in small letters', [{ id: 'r', name: 'supervisor' }], false],
    ['but not with the name of the role alone', [{ id: 'r', name: 'call:transfer:execute' }], false],
    ['but not without a role', [], false],
  ])('%s', async (_, roles, mayTransfer) => {
    sandbox.putUser('u', { roles });
    expect(
      value(await genesys.transfers.readAgent({ userId: 'u', target: { type: 'queue', id: 'q' } }, signal)),
    ).toMatchObject({ mayTransfer });
  });

  test('is not permitted if the platform returns no roles', async () => {
    sandbox.addScript({ operation: 'user', steps: [{ status: 200, body: { id: 'u' } }] });
    expect(
      value(await genesys.transfers.readAgent({ userId: 'u', target: { type: 'queue', id: 'q' } }, signal)),
    ).toMatchObject({ mayTransfer: false });
  });
});

describe('a call', () => {
  test.each(['disconnected', 'terminated'])('that is %s has ended', async (state) => {
    sandbox.putCall('c', { state });
    expect(value(await readCall('c'))).toMatchObject({ ended: true, state });
  });

  test.each(['connected', 'alerting', 'held'])('that is %s has not', async (state) => {
    sandbox.putCall('c', { state });
    expect(value(await readCall('c'))).toMatchObject({ ended: false });
  });

  test('that is private is reported as private', async () => {
    sandbox.putCall('c', { privacy: true });
    expect(value(await readCall('c'))).toMatchObject({ private: true });
  });

  test('has its ETag and the target of its last transfer', async () => {
    const { etag } = sandbox.putCall('c', { transferType: 'consult', target: support });
    expect(value(await readCall('c'))).toEqual({
      ...{ id: 'c', state: 'connected', ended: false, private: false, mark: markOf(etag) },
      placement: { transferType: 'consult', target: support },
    });
  });

  test.each<[string, object]>([
    ['none', {}],
    ['null', { transferType: null, target: null }],
    ['ones that we do not know', { transferType: 'warm', target: { id: 'x', type: 'address' } }],
  ])('with %s as last transfer and target treats them as unknown', async (_, fields) => {
    const body = { id: 'c', state: 'connected', privacy: false, etag: '"1"', unknown: { x: 1 }, ...fields };
    sandbox.addScript({ operation: 'call', steps: [{ status: 200, body: body as never }] });
    expect(value(await readCall('c')).placement).toEqual({ transferType: undefined, target: undefined });
  });

  test.each<[string, object]>([
    ['no ETag', { etag: undefined }],
    ['an empty ETag', { etag: '' }],
    ['no privacy', { privacy: undefined }],
    ['no state', { state: undefined }],
  ])('with %s is unreadable', async (_, fields) => {
    const body = { id: 'c', state: 'connected', privacy: false, etag: '"1"', ...fields };
    sandbox.addScript({ operation: 'call', steps: [{ status: 200, body: body as never }] });
    expect(await readCall('c')).toMatchObject({ ok: false, failure: { kind: 'malformed' } });
  });

  test.each([{ invalidBody: true as const }, { cutBody: true as const }])(
    'answered %j is rejected',
    async (step) => {
      sandbox.putCall('c');
      sandbox.addScript({ operation: 'call', steps: [step] });
      expect(await readCall('c')).toMatchObject({
        ok: false,
        failure: { kind: 'intercepted', status: 200, what: 'no JSON' },
      });
    },
  );

  test.each([
    ['body and header', { etag: '"b"' }, '"b"'],
    ['header alone', {}, 'W/"h"'],
  ])('may have its ETag in %s', async (_, fields, etag) => {
    const body = { id: 'c', state: 'connected', privacy: 'false', ...fields };
    sandbox.addScript({ operation: 'call', steps: [{ status: 200, headers: { etag: 'W/"h"' }, body }] });
    expect(value(await readCall('c'))).toMatchObject({ mark: { fingerprint: etag }, private: false });
  });

  test('that is unknown answers 404', async () => {
    expect(await readCall('c')).toMatchObject({ ok: false, failure: { kind: 'answered', status: 404 } });
  });
});

describe('a target', () => {
  test.each(['open', 'closed', 'at_capacity'] as const)('queue that is %s', async (state) => {
    sandbox.putQueue('q', { state });
    expect(value(await readQueue('q'))).toEqual({ open: state === 'open', state });
  });

  test.each(['user', 'skillGroup'] as const)('%s counts as open, and costs no request', async (type) => {
    const reading = await genesys.transfers.readTarget({ type, id: 'x' }, signal);
    expect(value(reading).open).toBe(true);
    expect(reading.requests).toEqual([]);
    expect(sandbox.requests.entries()).toEqual([]);
  });
});

describe('the effect', () => {
  test('sends ETag, type, target and wrap-up code', async () => {
    const { etag } = sandbox.putCall('c');
    const target = { type: 'skillGroup', id: 's' } as const;
    const answer = await move({ etag, target, transferType: 'consult', wrapUpCodeId: 'w' });
    expect(answer).toMatchObject({ moved: 'done', requests: [{ operation: 'token' }, { status: 200 }] });
    expect(sandbox.ledger.entries('c')).toMatchObject([
      { transferType: 'consult', target, ifMatch: etag, wrapUpCode: { id: 'w' } },
    ]);
  });

  test.each([{ invalidBody: true as const }, { cutBody: true as const }])(
    'answered 200 with an unusable body may have happened: %j',
    async (step) => {
      const { etag } = sandbox.putCall('c');
      sandbox.putQueue('support');
      sandbox.addScript({ operation: 'transfer', steps: [step] });
      expect(await move({ etag })).toMatchObject({
        ...{ moved: 'failed', gate: 'opened', failure: { kind: 'intercepted', status: 200 } },
      });
      expect(sandbox.ledger.entries('c')).toHaveLength(1);
    },
  );

  test.each([409, 412] as const)('with an old ETag is answered %i', async (conflictStatus) => {
    sandbox.changeSettings({ conflictStatus });
    sandbox.putCall('c');
    expect(await move({ etag: '"old"' })).toMatchObject({
      ...{ moved: 'failed', gate: 'opened' },
      failure: { kind: 'answered', status: conflictStatus, code: 'etag.mismatch', means: 'changed' },
    });
  });

  test('is not sent while its gate is closed', async () => {
    const { etag } = sandbox.putCall('c');
    expect(await move({ etag }, async () => false)).toMatchObject({ moved: 'shut' });
    expect(sandbox.requests.counts().transfer).toBe(0);
  });

  test('with a lost answer may have happened', async () => {
    const { etag } = sandbox.putCall('c');
    sandbox.putQueue('support');
    sandbox.addScript({ operation: 'transfer', steps: [{ drop: 'after' }] });
    expect(await move({ etag })).toMatchObject({
      ...{ moved: 'failed', gate: 'opened', failure: { kind: 'no-answer', sent: true } },
    });
    expect(sandbox.ledger.entries('c')).toHaveLength(1);
  });

  test('is retried once with a new token, passing its gate again', async () => {
    const { etag } = sandbox.putCall('c');
    sandbox.putQueue('support');
    await readCall('c');
    sandbox.expireTokens();
    let gates = 0;
    const answer = await move({ etag }, async () => {
      gates += 1;
      return true;
    });
    expect(answer).toMatchObject({ moved: 'done' });
    expect(gates).toBe(2);
    expect(sandbox.ledger.entries('c')).toHaveLength(1);
  });
});

test('50 concurrent reads with an expired token fetch one new token', async () => {
  for (let index = 0; index < 50; index += 1) sandbox.putCall(`c${index}`);
  await readCall('c0');
  sandbox.expireTokens();
  const readings = await Promise.all(Array.from({ length: 50 }, (_, index) => readCall(`c${index}`)));
  expect(readings.every(({ ok }) => ok)).toBe(true);
  expect(sandbox.requests.counts()).toMatchObject({ token: 2, call: 101 });
});

test('after one 429 no process sends, not even a token request', async () => {
  sandbox.putCall('c');
  sandbox.addScript({ operation: 'call', steps: [{ status: 429, headers: { 'retry-after': '30' } }] });
  expect(await readCall('c')).toMatchObject({ ok: false, failure: { kind: 'held', answered: true } });
  const arrived = sandbox.requests.entries().length;
  const another = open(baseUrl);
  for (const { transfers } of [genesys, another])
    expect(await transfers.readCall({ callId: 'c', userId: 'u' }, signal)).toMatchObject({
      ...{ ok: false, failure: { kind: 'held', answered: false }, requests: [] },
    });
  another.close();
  expect(sandbox.requests.entries()).toHaveLength(arrived);
});

test('reports a wrong secret without revealing it', async () => {
  const wrong = open(baseUrl, 'wr0ng');
  const reading = await wrong.transfers.readCall({ callId: 'c', userId: 'u' }, signal);
  const state = wrong.token.state();
  wrong.close();
  expect(reading).toMatchObject({ ok: false, failure: { kind: 'answered', status: 401, code: 'no-token' } });
  expect(state).toMatchObject({ state: 'failing', detail: expect.stringMatching('GENESYS_API') });
  expect(inspect([reading, state], { depth: null })).not.toContain('wr0ng');
});
