import { beforeEach, describe, expect, test } from 'vitest';
import { classify, type Phase } from '../../transfer/classify.ts';
import type { Agent, Availability, Call, Dialect, Failure, Reading } from '../../transfer/ports.ts';
import type { WireAnswer } from '../../wire/wire.ts';
import { createClient } from '../http/client.ts';
import { voice } from './dialect.ts';

const ID = 'id-1';
const { signal } = new AbortController();

let sent: number;
let dropped: string[];
let reply: Partial<WireAnswer> & { status: number };
let platform: Dialect;

beforeEach(() => {
  sent = 0;
  dropped = [];
  const client = createClient({
    dialect: voice,
    baseUrl: 'https://api.example.org',
    speed: 1,
    wire: {
      send: async ({ operation }) => {
        sent += 1;
        const note = { operation, status: reply.status, ms: 1 };
        const nothing = { data: undefined, type: undefined, headers: {} };
        return { answered: true, retryAfterMs: undefined, ...nothing, ...reply, note } as WireAnswer;
      },
      close: () => undefined,
    },
    token: {
      get: async () => ({ ok: true, token: 'T', requests: [] }),
      drop: (token) => dropped.push(token),
      suspect: () => undefined,
      refused: () => undefined,
      worked: () => undefined,
      state: () => ({ state: 'ok', detail: '' }),
    },
    budget: {
      take: async () => undefined,
      learn: async () => undefined,
      leaveToOthers: async () => undefined,
    },
    holdOff: { raise: async () => 5_000 },
  });
  const cache = {
    remember: <T>(_: unknown, load: () => Promise<Reading<T>>) => load(),
    rememberAmong: () => Promise.reject(new Error('no operation of this API is about many')),
    forget: async () => undefined,
  };
  const now = async () => 0;
  platform = voice.connect({ client, cache, userTtlMs: 0, queueTtlMs: 0, now }).transfers;
});

type Operation = 'agent' | 'call' | 'target' | 'fallback' | 'effect';

/** What became of it: `done`, or how it failed. */
async function ask(operation: Operation): Promise<'done' | Failure> {
  if (operation !== 'effect') {
    const reading = await {
      agent: () =>
        platform.readAgent({ userId: ID, target: { type: 'queue', id: 'q' } }, signal) as Promise<
          Reading<unknown>
        >,
      call: () => platform.readCall({ callId: ID, userId: 'u' }, signal),
      target: () => platform.readTarget({ type: 'queue', id: ID }, signal),
      fallback: () => platform.readTarget({ type: 'queue', id: ID }, signal),
    }[operation]();
    return reading.ok ? 'done' : reading.failure;
  }
  const target = { type: 'queue', id: 'support' } as const;
  const mark = { dialect: 'voice', fingerprint: '"1"', leg: null, data: null };
  const command = { effect: 'move', callId: ID, userId: 'u', transferType: 'blind', target, mark } as const;
  const answer = await platform.move(command, async () => true, signal);
  if (answer.moved === 'failed') return answer.failure;
  if (answer.moved !== 'done') throw new Error(`answered ${answer.moved}`);
  return 'done';
}

const good = { id: ID, state: 'open', privacy: false, etag: '"1"', roles: [] };
const refusal = { code: 'some.code', message: 'no' };

/** Bodies that the platform never sends, whatever the status. */
const strangers: Record<string, Partial<WireAnswer>> = {
  'a web page': { data: undefined, type: 'text/html' },
  text: { data: undefined, type: 'text/plain' },
  'no body': {},
  'JSON that was cut': { data: undefined, type: 'application/json' },
  'JSON null': { data: null, type: 'application/json' },
  'JSON of another shape': { data: { status: 'maintenance' } },
  'an empty object': { data: {} },
  'a list': { data: [good] },
  'a list with a code': { data: [refusal] },
  'a code that is a number': { data: { code: 403, message: 'Forbidden' } },
  'a nested code': { data: { error: { code: 'forbidden' } } },
  'an id that is an object': { data: { ...good, id: { value: ID } } },
  'an id that is null': { data: { ...good, id: null } },
};
const statuses = [
  200, 201, 202, 203, 204, 206, 301, 302, 304, 400, 401, 403, 404, 405, 409, 410, 412, 422, 500, 502, 503,
  504,
];
const operations: [Operation, Phase][] = [
  ['agent', 'agent'],
  ['call', 'call'],
  ['target', 'target'],
  ['fallback', 'target'],
  ['effect', 'effect'],
];

describe.each(operations)('the %s answered by something in between', (operation, phase) => {
  test.each(Object.entries(strangers))('with %s is never believed, whatever the status', async (_, form) => {
    for (const status of statuses) {
      reply = { status, ...form } as typeof reply;
      const failure = await ask(operation);
      expect(failure).toMatchObject({ kind: 'intercepted', status });
      if (failure === 'done') throw new Error('believed');
      // Server trouble: waited for and tried again; no refusal, no fallback, no conflict, and in doubt once sent.
      const doubt = phase !== 'effect' ? 'none' : status < 300 ? 'read-now' : 'read-later';
      expect(classify(failure, phase)).toEqual({ follow: 'retry', doubt });
    }
    expect(sent).toBe(statuses.length);
    expect(dropped).toEqual([]);
  });

  test.each(Object.entries(strangers))('with 429 and %s holds off all the same', async (_, form) => {
    reply = { status: 429, ...form } as typeof reply;
    const failure = await ask(operation);
    expect(failure).toMatchObject({ kind: 'held', until: 5_000, what: expect.any(String) });
    const doubt = phase === 'effect' ? 'read-later' : 'none';
    expect(classify(failure as Failure, phase)).toEqual({ follow: 'hold-off', doubt });
  });

  test('about something else is not believed either', async () => {
    for (const id of ['id-2', 'ID-1', 'id-1 ', '', 1, true]) {
      reply = { status: 200, data: { ...good, id } } as typeof reply;
      expect(await ask(operation)).toMatchObject({ kind: 'intercepted', status: 200 });
    }
  });

  test('with 2xx other than 200 is not believed, even in the form of a 200', async () => {
    for (const status of [201, 202, 203, 204, 206]) {
      reply = { status, data: good } as typeof reply;
      expect(await ask(operation)).toMatchObject({ kind: 'intercepted', status });
    }
  });

  test('with 200 and an error of the platform is not believed', async () => {
    reply = { status: 200, data: refusal } as typeof reply;
    expect(await ask(operation)).toMatchObject({ kind: 'intercepted', status: 200 });
  });
});

describe.each(operations)('the %s answered by the platform', (operation) => {
  test('with 200 about what was asked is believed, in one request', async () => {
    reply = { status: 200, data: good } as typeof reply;
    expect(await ask(operation)).toBe('done');
    expect(sent).toBe(1);
  });

  test.each([refusal, { code: 'only.code' }, { code: 'x', id: 'id-2', more: [1] }])(
    'with an error %j is believed, whatever the status',
    async (data) => {
      for (const status of statuses.filter((one) => one >= 300 && one !== 401)) {
        reply = { status, data } as typeof reply;
        expect(await ask(operation)).toMatchObject({ kind: 'answered', status, code: data.code });
      }
      expect(dropped).toEqual([]);
    },
  );

  test('with 401 costs the token, and one more try', async () => {
    reply = { status: 401, data: refusal } as typeof reply;
    expect(await ask(operation)).toMatchObject({ kind: 'answered', status: 401 });
    expect(sent).toBe(2);
    expect(dropped).toEqual(['T']);
  });

  test('with 429 leaves nothing in doubt', async () => {
    reply = { status: 429, data: refusal } as typeof reply;
    const failure = (await ask(operation)) as Failure;
    expect(failure).toMatchObject({ kind: 'held', what: undefined });
    expect(classify(failure, 'effect')).toEqual({ follow: 'hold-off', doubt: 'none' });
  });
});

test('the effect is done by an answer that has the id of the call and nothing else', async () => {
  reply = { status: 200, data: { id: ID } } as typeof reply;
  expect(await ask('effect')).toBe('done');
});

describe('ids', () => {
  const about = (id: string, data: object) => {
    reply = { status: 200, data: { ...good, ...data } } as typeof reply;
    return platform.readCall({ callId: id, userId: 'u' }, signal);
  };
  const UUID = '7F0C44A1-93E2-4B6E-8D5F-0123456789AB';

  test.each<[string, unknown]>([
    ['4711', 4711],
    ['0', 0],
    [UUID, UUID.toLowerCase()],
    [UUID.toLowerCase(), UUID],
  ])('%s is the same as %j', async (asked, told) => {
    expect(await about(asked, { id: told })).toMatchObject({ ok: true });
  });

  test.each<[string, unknown]>([
    ['4711', 4711.5],
    ['04711', 4711],
    ['9007199254740993', 9007199254740992],
    ['call-A', 'call-a'],
    [UUID, UUID.replace('7', '8')],
    [`${UUID}x`, `${UUID}X`],
    ['true', true],
  ])('%s is not the same as %j', async (asked, told) => {
    expect(await about(asked, { id: told })).toMatchObject({ ok: false, failure: { kind: 'intercepted' } });
  });
});

describe('the fields of a call', () => {
  async function callWith(data: object, etag?: string): Promise<Reading<Call>> {
    reply = {
      status: 200,
      data: { ...good, ...data },
      headers: etag === undefined ? {} : { etag },
    } as typeof reply;
    return platform.readCall({ callId: ID, userId: 'u' }, signal);
  }

  test.each<[string, unknown, string | undefined, string]>([
    ['in the body', '"1"', undefined, '"1"'],
    ['in the header', undefined, '"2"', '"2"'],
    ['in the header, null in the body', null, '"2"', '"2"'],
    ['in the header, empty in the body', '', '"2"', '"2"'],
    ['in the header, something else in the body', { v: 1 }, '"2"', '"2"'],
    ['in both, alike', '"1"', '"1"', '"1"'],
    ['in both, and then the body counts', '"1"', '"2"', '"1"'],
    ['in both, one of them weak', 'W/"1"', '"1"', 'W/"1"'],
    ['weak, in the header', undefined, 'W/"2"', 'W/"2"'],
    ['without quotes', '7', '"2"', '7'],
    ['a number', 7, '"2"', '7'],
  ])('the ETag may stand %s, and is passed on as it came', async (_, body, header, etag) => {
    expect(await callWith({ etag: body }, header)).toMatchObject({
      ok: true,
      value: { mark: { fingerprint: etag } },
    });
  });

  test('without any ETag a call cannot be read, and the failure says why', async () => {
    expect(await callWith({ etag: undefined })).toMatchObject({
      failure: { kind: 'malformed', detail: 'etag is neither in the body nor in the header' },
    });
  });

  test.each([
    [true, true],
    [false, false],
    ['true', true],
    ['false', false],
    [' True ', true],
    ['FALSE', false],
  ])('privacy may be %j', async (privacy, isPrivate) => {
    expect(await callWith({ privacy })).toMatchObject({ ok: true, value: { private: isPrivate } });
  });

  test.each([undefined, null, '', 'no', 'yes', '0', 0, 1, [], {}, 'falsch'])(
    'privacy %j is unclear, and never reads as "not private"',
    async (privacy) => {
      expect(await callWith({ privacy })).toMatchObject({ ok: false, failure: { kind: 'malformed' } });
    },
  );

  test('its target may have a number as id', async () => {
    const reading = await callWith({ transferType: 'blind', target: { id: 12, type: 'queue' } });
    expect(reading).toMatchObject({ value: { placement: { target: { type: 'queue', id: '12' } } } });
  });
});

test('an agent may have roles with numbers as ids', async () => {
  const roles = [{ id: 7 }, { id: 8, name: 'Night Supervisor' }];
  reply = { status: 200, data: { id: ID, roles } } as typeof reply;
  const reading: Reading<Agent> = await platform.readAgent(
    { userId: ID, target: { type: 'queue', id: 'q' } },
    signal,
  );
  expect(reading).toMatchObject({ ok: true, value: { mayTransfer: true } });
});

test('a queue of the right id whose state is missing is the platform’s, but cannot be read', async () => {
  reply = { status: 200, data: { id: ID } } as typeof reply;
  const reading: Reading<Availability> = await platform.readTarget({ type: 'queue', id: ID }, signal);
  expect(reading).toMatchObject({ ok: false, failure: { kind: 'malformed' } });
});
