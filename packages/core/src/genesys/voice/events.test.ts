import { describe, expect, test } from 'vitest';
import type { TransferEvent } from '../../billing/words.ts';
import { parseVoiceEvent } from './events.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const DAY_MS = 24 * 3_600_000;
const TIME = '2026-11-22T09:59:58.123Z';

const data = (given: object = {}) => ({
  ...{ id: 'call-1', state: 'connected', transferType: 'blind', target: { id: 'support' } },
  ...given,
});
const bodyOf = (given: object = {}) => ({
  ...{ id: 'e-1', type: 'voice.call.updated', timestamp: TIME, event_data: data() },
  ...given,
});
const parse = (body: unknown) => parseVoiceEvent(body, NOW);
/** What the parser says, in short. */
const isOf = (body: unknown) => parse(body).is;

const event: TransferEvent = {
  ...{ id: 'e-1', callId: 'call-1', transferType: 'blind', target: { id: 'support' } },
  at: Date.parse(TIME),
};
/** The event that a body of these fields must give. */
function read(given: object): TransferEvent {
  const parsed = parse(bodyOf(given));
  if (parsed.is !== 'transfer') throw new Error(JSON.stringify(parsed));
  return parsed.event;
}
/** Where the parser found fault, as a path. */
function faults(body: unknown): string[] {
  const parsed = parse(body);
  return parsed.is === 'malformed' ? parsed.issues.map(({ path }) => path.join('.')) : [parsed.is];
}

describe('an event that reports a transfer', () => {
  test('is read: its id, call, type, target and time', () => {
    expect(parse(bodyOf())).toEqual({ is: 'transfer', event });
  });

  test.each<[string, object, Partial<TransferEvent>]>([
    ['a consult transfer', { event_data: data({ transferType: 'consult' }) }, { transferType: 'consult' }],
    ['a number as id', { id: 4711 }, { id: '4711' }],
    [
      'a target with its type',
      { event_data: data({ target: { id: 'ann', type: 'user' } }) },
      { target: { id: 'ann', type: 'user' } },
    ],
    [
      'a target of a type that we do not know: the type is left out',
      { event_data: data({ target: { id: 'x', type: 'address' } }) },
      { target: { id: 'x' } },
    ],
    [
      'a target whose type is null',
      { event_data: data({ target: { id: 'x', type: null } }) },
      { target: { id: 'x' } },
    ],
    ['ids as odd as ids may be', { event_data: data({ id: '../ü 🎧?#' }) }, { callId: '../ü 🎧?#' }],
    ['an offset', { timestamp: '2026-11-22T11:59:58.123+02:00' }, {}],
    ['a time in epoch milliseconds', { timestamp: Date.parse(TIME) }, {}],
    ['a time without milliseconds', { timestamp: '2026-11-22T09:59:58Z' }, { at: NOW - 2_000 }],
    ['seconds with a fraction, as Jackson writes them', { timestamp: 1_795_341_598.123 }, {}],
    ['milliseconds as text', { timestamp: String(Date.parse(TIME)) }, {}],
    [
      'a time as Java writes it with its zone',
      { timestamp: '2026-11-22T10:59:58.123+01:00[Europe/Berlin]' },
      {},
    ],
    ['a time in microseconds, cut', { timestamp: '2026-11-22T09:59:58.123456Z' }, {}],
    ['unknown fields', { colour: 'red', event_data: data({ participants: [{ id: 1 }] }) }, {}],
  ])('may have %s', (_, given, expected) => {
    expect(read(given)).toEqual({ ...event, ...expected });
  });

  test.each([[{ id: null }], [{ id: undefined }]])('may have no id: %j', (given) => {
    const { id, ...rest } = event;
    expect(read(given)).toEqual(rest);
  });
});

describe('an event without a transfer is ignored', () => {
  test.each<[string, unknown]>([
    ['another type', bodyOf({ type: 'voice.call.ended' })],
    ['another type, and nothing else', { type: 'ping' }],
    ['another type with a body that no call has', { type: 'x', event_data: 5, timestamp: 'never' }],
    ['an empty type', { type: '' }],
    ['an update of a call without the key transferType', bodyOf({ event_data: { id: 'call-1' } })],
    ['an update whose transferType is null', bodyOf({ event_data: data({ transferType: null }) })],
    [
      'an update without transferType, whatever else is wrong',
      { type: 'voice.call.updated', event_data: {} },
    ],
  ])('%s', (_, body) => {
    expect(isOf(body)).toBe('ignored');
  });
});

describe('an unreadable event of a transfer is malformed', () => {
  test.each<[string, string, object]>([
    ['event_data', 'none', { event_data: undefined }],
    ['event_data', 'null', { event_data: null }],
    ['event_data', 'a list', { event_data: [data()] }],
    ['event_data', 'text', { event_data: JSON.stringify(data()) }],
    ['event_data.id', 'none', { event_data: data({ id: undefined }) }],
    ['event_data.id', 'empty', { event_data: data({ id: '' }) }],
    ['event_data.id', 'a number', { event_data: data({ id: 7 }) }],
    ['event_data.id', '201 characters', { event_data: data({ id: 'x'.repeat(201) }) }],
    ['event_data.id', 'with a NUL', { event_data: data({ id: 'a\0b' }) }],
    ['event_data.id', 'with half a surrogate pair', { event_data: data({ id: 'a\ud83d' }) }],
    ['event_data.transferType', 'in capitals', { event_data: data({ transferType: 'BLIND' }) }],
    ['event_data.transferType', 'one that we do not know', { event_data: data({ transferType: 'warm' }) }],
    ['event_data.transferType', 'empty', { event_data: data({ transferType: '' }) }],
    ['event_data.transferType', 'false', { event_data: data({ transferType: false }) }],
    ['event_data.target', 'none', { event_data: data({ target: undefined }) }],
    ['event_data.target', 'null', { event_data: data({ target: null }) }],
    ['event_data.target', 'an id alone', { event_data: data({ target: 'support' }) }],
    ['event_data.target.id', 'none', { event_data: data({ target: { type: 'queue' } }) }],
    ['event_data.target.id', 'a line break', { event_data: data({ target: { id: 'a\nb' } }) }],
    ['id', 'a list', { id: ['e-1'] }],
    ['id', 'broken', { id: 1.5 }],
    ['id', '201 characters', { id: 'x'.repeat(201) }],
    ['timestamp', 'none', { timestamp: undefined }],
    ['timestamp', 'null', { timestamp: null }],
    ['timestamp', 'without an offset', { timestamp: '2026-11-22T10:00:00' }],
    ['timestamp', 'a date', { timestamp: '2026-11-22' }],
    ['timestamp', 'a day that no month has', { timestamp: '2026-02-30T10:00:00Z' }],
    ['timestamp', 'an hour that no day has', { timestamp: '2026-11-22T25:00:00Z' }],
    ['timestamp', 'text that is no time', { timestamp: 'yesterday' }],
    ['timestamp', 'a number of days', { timestamp: NOW / 86_400_000 }],
    ['timestamp', 'a clock that was never set', { timestamp: '1970-01-01T00:00:12Z' }],
    ['timestamp', 'the last moment of 1999', { timestamp: '1999-12-31T23:59:59.999Z' }],
    ['timestamp', 'negative', { timestamp: -1 }],
    ['timestamp', 'more than a day ahead', { timestamp: NOW + DAY_MS + 1 }],
    ['timestamp', 'the year 9999', { timestamp: '9999-12-31T23:59:59Z' }],
    ['type', 'none', { type: undefined }],
    ['type', 'a number', { type: 7 }],
  ])('%s: %s', (path, _, given) => {
    expect(faults(bodyOf(given))).toEqual([path]);
  });

  test.each([null, undefined, 5, '', 'voice.call.updated', true, [], [bodyOf()], {}])(
    'a body of %j',
    (body) => {
      expect(isOf(body)).toBe('malformed');
    },
  );

  test('every fault is told', () => {
    const body = bodyOf({ timestamp: 'now', event_data: data({ id: '', target: {} }) });
    expect(faults(body).sort()).toEqual(['event_data.id', 'event_data.target.id', 'timestamp']);
  });

  test.each([
    ['the first moment of 2000', Date.UTC(2000, 0)],
    ['a day ahead', NOW + DAY_MS],
  ])('but %s is a time like any other', (_, at) => {
    expect(read({ timestamp: at }).at).toBe(at);
    expect(read({ timestamp: new Date(at).toISOString() }).at).toBe(at);
  });
});

describe('whatever comes', () => {
  const deep = JSON.parse(`${'[{"a":'.repeat(1_000)}1${'}]'.repeat(1_000)}`);
  const odd = [
    ...[undefined, null, true, 0, -0, -1, 1e308, Number.MAX_SAFE_INTEGER, 0.1, NOW, '', ' ', '0', TIME],
    ...['\0', '\ud800', '\udfff\ud800', '__proto__', 'x'.repeat(100_000), '+020000-01-01T00:00:00Z', '0000'],
    ...['-000001-01-01T00:00:00Z', '2026-11-22T10:00:00+99:99', '2026-12-31T23:59:60Z', 'NaN'],
    ...[[], [[]], {}, { id: {} }, { toString: 5, valueOf: null }, JSON.parse('{"__proto__":{"id":"x"}}')],
    deep,
  ];
  const places: ((value: unknown) => unknown)[] = [
    (value) => value,
    (value) => bodyOf({ type: value }),
    (value) => bodyOf({ id: value }),
    (value) => bodyOf({ timestamp: value }),
    (value) => bodyOf({ event_data: value }),
    (value) => bodyOf({ event_data: data({ id: value }) }),
    (value) => bodyOf({ event_data: data({ transferType: value }) }),
    (value) => bodyOf({ event_data: data({ target: value }) }),
    (value) => bodyOf({ event_data: data({ target: { id: value } }) }),
    (value) => bodyOf({ event_data: data({ target: { id: 'support', type: value } }) }),
    (value) => bodyOf({ [String(Object(value) === value ? '' : value)]: value }),
  ];

  test.each(places.map((place, index) => [index, place] as const))(
    'in place %i: it never throws, and what is read as a transfer is one',
    (_, place) => {
      for (const value of odd) {
        const parsed = parse(place(value));
        if (parsed.is === 'ignored') expect(parsed.why).not.toBe('');
        else if (parsed.is === 'malformed') expect(parsed.issues.length).toBeGreaterThan(0);
        else expectSound(parsed.event);
      }
    },
  );

  function expectSound(found: TransferEvent): void {
    expect(found.at).toBeGreaterThanOrEqual(Date.UTC(2000, 0));
    expect(found.at).toBeLessThanOrEqual(NOW + DAY_MS);
    for (const id of [found.callId, found.target.id, found.id ?? 'none'])
      expect(id).toMatch(/^[^\p{Cc}\p{Surrogate}]{1,200}$/u);
    expect(['blind', 'consult']).toContain(found.transferType);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  }
});
