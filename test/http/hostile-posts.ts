import type { Chance } from '../support/chance.ts';
import { bearer, RAW, STRANGE, signature, transferEvent, WEBHOOK, WHSEC } from './webhook-events.ts';

const LIMIT_BYTES = 64 * 1024;

type Header = [name: string, value: string];
/** The bytes sent, the expected status, and the result under which it is counted. */
export type Post = {
  what: string;
  bytes: Buffer;
  status: number;
  result: string | undefined;
  /** How the sender ends; by default it waits for the answer. */
  ending?: 'hangs up' | 'says no more';
  /** Data follows the request: the answer may be lost, or belong to what follows. */
  mayBeCut?: boolean;
};
type Draft = Omit<Post, 'what' | 'status' | 'result'>;

const JSON_TYPE: Header = ['content-type', 'application/json'];
const headersOf = (named: Record<string, string>): Header[] => Object.entries(named);

/** A request as raw bytes, with exactly these headers. */
function post(
  headers: Header[],
  body: string | Buffer = '',
  { url = WEBHOOK, host = 'localhost' } = {},
): Buffer {
  const lines = [`POST ${url} HTTP/1.1`, `host: ${host}`, 'connection: close'];
  const head = [...lines, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}

const withLength = (
  headers: Header[],
  body: string | Buffer,
  to: Parameters<typeof post>[2] = {},
): Draft => ({
  bytes: post([JSON_TYPE, ['content-length', String(Buffer.byteLength(body))], ...headers], body, to),
});

function inChunks(headers: Header[], body: string, end = '0\r\n\r\n'): Draft {
  const pieces = body.match(/[\s\S]{1,700}/g) ?? [];
  const chunks = pieces.map((piece) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`).join('');
  return { bytes: post([JSON_TYPE, ['transfer-encoding', 'chunked'], ...headers], `${chunks}${end}`) };
}

const eventText = () => JSON.stringify(transferEvent());
const signed = (body: string, more: Parameters<typeof signature>[2] = {}) => signature(RAW, body, more);
const shown = headersOf(bearer(RAW));

/** Replaces one letter of the text by another valid one. */
function bend(text: string, chance: Chance, from = 0): string {
  const at = Math.floor(chance.between(from, text.length));
  const letter = text[at] === 'A' ? 'B' : 'A';
  return `${text.slice(0, at)}${letter}${text.slice(at + 1)}`;
}

/** A signed message with some of its headers changed. */
function resigned(change: Record<string, string | undefined>, body = eventText()): Draft {
  const headers = headersOf({ ...signed(body), ...change } as Record<string, string>);
  return withLength(
    headers.filter(([, value]) => value !== undefined),
    body,
  );
}

type Kind = [what: string, status: number, result: string | undefined, make: (chance: Chance) => Draft];

const FORGED: Kind[] = (
  [
    ['nothing that proves it', () => withLength([], eventText())],
    ['another secret', () => resigned(signature(STRANGE, eventText()))],
    [
      'the letters of a base64 secret taken as bytes',
      () => {
        const body = eventText();
        return withLength(headersOf(signature(WHSEC.slice('whsec_'.length), body)), body);
      },
    ],
    [
      'a bit of the body flipped',
      (chance) => {
        const body = eventText();
        const bytes = Buffer.from(body);
        const at = Math.floor(chance.between(0, bytes.length));
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(chance.between(0, 7)));
        return withLength(headersOf(signed(body)), bytes);
      },
    ],
    [
      'a letter of the signature changed',
      (chance) => {
        const body = eventText();
        const headers = signed(body);
        return resigned(
          { ...headers, 'webhook-signature': bend(headers['webhook-signature'] ?? '', chance, 3) },
          body,
        );
      },
    ],
    [
      'half of the signature',
      () => {
        const body = eventText();
        return resigned(
          { 'webhook-signature': (signed(body)['webhook-signature'] ?? '').slice(0, 25) },
          body,
        );
      },
    ],
    ['an empty signature', () => resigned({ 'webhook-signature': '' })],
    [
      'a signature of a version to come',
      () => {
        const body = eventText();
        const headers = signed(body);
        return resigned(
          { ...headers, 'webhook-signature': `v2${headers['webhook-signature']?.slice(2)}` },
          body,
        );
      },
    ],
    ['the id of another message', () => resigned({ 'webhook-id': 'msg_other' })],
    ['no id', () => resigned({ 'webhook-id': undefined })],
    [
      'its id twice',
      () => {
        const body = eventText();
        const headers = headersOf(signed(body));
        return withLength([...headers, ...headers.filter(([name]) => name === 'webhook-id')], body);
      },
    ],
    ['no time', () => resigned({ 'webhook-timestamp': undefined })],
    [
      'a time that is none',
      (chance) =>
        resigned({
          'webhook-timestamp': chance.pick(['', 'now', 'NaN', '0x10', '1e99', '-1', '9'.repeat(300)]),
        }),
    ],
    [
      'the time of another message',
      (chance) =>
        resigned({
          'webhook-timestamp': String(Math.floor(Date.now() / 1_000) - Math.ceil(chance.between(1, 200))),
        }),
    ],
    [
      'a stale time',
      (chance) => {
        const body = eventText();
        const at = new Date(Date.now() - chance.between(310, 1_000_000) * 1_000);
        return withLength(headersOf(signed(body, { at })), body);
      },
    ],
    [
      'a time ahead',
      (chance) => {
        const body = eventText();
        const at = new Date(Date.now() + chance.between(310, 1_000_000) * 1_000);
        return withLength(headersOf(signed(body, { at })), body);
      },
    ],
    [
      'a body cut off',
      (chance) => {
        const body = eventText();
        return withLength(headersOf(signed(body)), body.slice(0, Math.floor(chance.between(0, body.length))));
      },
    ],
    [
      'a length that cuts its body off',
      (chance) => {
        const body = eventText();
        const length = Math.floor(chance.between(0, body.length));
        return {
          bytes: post([JSON_TYPE, ['content-length', String(length)], ...headersOf(signed(body))], body),
          mayBeCut: true,
        };
      },
    ],
    ['a right signature for another body', () => withLength(headersOf(signed(eventText())), eventText())],
    [
      'a wrong signature beside a valid secret',
      () => {
        const body = eventText();
        return withLength([...headersOf(signature(STRANGE, body)), ...shown, ['x-api-key', WHSEC]], body);
      },
    ],
    [
      'thousands of wrong signatures',
      (chance) =>
        resigned({ 'webhook-signature': 'v1,AAAA '.repeat(Math.floor(chance.between(500, 1_500))) }),
    ],
    ['thousands of empty signatures', () => resigned({ 'webhook-signature': ' v1, v1 ,'.repeat(1_000) })],
    [
      'two wrong signature headers',
      () => {
        const body = eventText();
        const wrong = headersOf(signature(STRANGE, body));
        return withLength([...wrong, ...wrong.filter(([name]) => name === 'webhook-signature')], body);
      },
    ],
    ['a wrong bearer token', () => withLength(headersOf(bearer(STRANGE)), eventText())],
    [
      'the start of a secret',
      (chance) =>
        withLength(headersOf(bearer(RAW.slice(0, Math.floor(chance.between(0, RAW.length))))), eventText()),
    ],
    [
      'a wrong bearer token before a valid one',
      () => withLength([...headersOf(bearer(STRANGE)), ...shown], eventText()),
    ],
    ['a wrong x-api-key', () => withLength([['x-api-key', STRANGE]], eventText())],
    [
      'its x-api-key twice',
      () =>
        withLength(
          [
            ['x-api-key', RAW],
            ['x-api-key', RAW],
          ],
          eventText(),
        ),
    ],
    ['a wrong token', () => withLength([], eventText(), { url: `${WEBHOOK}?token=${STRANGE}` })],
    ['its token twice', () => withLength([], eventText(), { url: `${WEBHOOK}?token=${RAW}&token=${RAW}` })],
    ['a token that cannot be decoded', () => withLength([], eventText(), { url: `${WEBHOOK}?token=%zz%ff` })],
    ['a forged body in chunks', () => inChunks(headersOf(signed(eventText())), eventText())],
    [
      'an endless body without authentication',
      () => ({
        bytes: post([JSON_TYPE, ['content-length', '999999999999']], 'x'.repeat(1_000)),
        ending: 'says no more',
      }),
    ],
  ] as [string, (chance: Chance) => Draft][]
).map(([what, make]) => [what, 401, 'unauthenticated', make]);

const MALFORMED: Kind[] = (
  [
    ['no bytes', 400, () => withLength(shown, '')],
    [
      'bytes that are no text',
      400,
      (chance) =>
        withLength(
          shown,
          Buffer.from(Array.from({ length: 90 }, () => Math.floor(chance.between(128, 256)))),
        ),
    ],
    [
      'half an event',
      400,
      (chance) => {
        const body = eventText();
        const half = body.slice(0, Math.floor(chance.between(1, body.length)));
        return withLength(headersOf(signed(half)), half);
      },
    ],
    ['half an event in chunks', 400, () => inChunks(shown, eventText().slice(0, -1))],
    [
      'lists in each other',
      400,
      (chance) => withLength(shown, '['.repeat(Math.floor(chance.between(1, LIMIT_BYTES)))),
    ],
    [
      'objects in each other',
      400,
      () => withLength(shown, `${'{"type":'.repeat(6_000)}1${'}'.repeat(6_000)}`),
    ],
    [
      'a body that is not an event',
      400,
      (chance) =>
        withLength(
          shown,
          chance.pick(['null', 'true', '0', '-1e999', '""', '[]', '{}', '[{}]', '{"type":null}']),
        ),
    ],
    [
      'a transfer of nothing',
      400,
      () => withLength(shown, '{"type":"voice.call.updated","event_data":{"transferType":"blind"}}'),
    ],
    [
      'a transfer without its own call',
      400,
      () =>
        withLength(
          shown,
          '{"type":"voice.call.updated","timestamp":1,"event_data":{"__proto__":{"id":"x"},"transferType":"blind","target":{"id":"y"}}}',
        ),
    ],
    [
      'a wrong time',
      400,
      (chance) =>
        withLength(
          shown,
          JSON.stringify(transferEvent({ timestamp: chance.pick(['', 'now', -1, 1.5, 1e300, {}, []]) })),
        ),
    ],
    [
      'a wrong call',
      400,
      (chance) =>
        withLength(
          shown,
          JSON.stringify(
            transferEvent({
              event_data: {
                id: chance.pick(['', '.', '..', 'a\nb', 'x'.repeat(201), 1, null, []]),
                transferType: 'blind',
                target: { id: 't' },
              },
            }),
          ),
        ),
    ],
    [
      'bytes that are packed',
      400,
      () => withLength([...shown, ['content-encoding', 'gzip']], Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])),
    ],
    [
      'another type of body',
      415,
      (chance) => {
        const body = eventText();
        const type = chance.pick([
          'text/plain',
          'application/xml',
          'application/jsonx',
          'x',
          '',
          '/',
          'a/b; c=',
        ]);
        return {
          bytes: post([['content-type', type], ['content-length', String(body.length)], ...shown], body),
        };
      },
    ],
    [
      'no type of body',
      415,
      () => {
        const body = eventText();
        return { bytes: post([['content-length', String(body.length)], ...shown], body) };
      },
    ],
    [
      'a body that will be too large',
      413,
      () => ({
        bytes: post([JSON_TYPE, ['content-length', '99999999'], ...shown], '{"type":'),
        ending: 'says no more',
      }),
    ],
    [
      'a body that is too large',
      413,
      (chance) => ({
        ...withLength(shown, `"${'x'.repeat(Math.floor(chance.between(LIMIT_BYTES, 3 * LIMIT_BYTES)))}"`),
        mayBeCut: true,
      }),
    ],
    [
      'chunks that are too much',
      413,
      () => ({ ...inChunks(shown, `"${'x'.repeat(2 * LIMIT_BYTES)}"`), mayBeCut: true }),
    ],
    ['a host that is not ours', 403, () => withLength(shown, eventText(), { host: 'evil.example' })],
  ] as [string, number, (chance: Chance) => Draft][]
).map(([what, status, make]) => [what, status, 'malformed', make]);

const BROKEN: Kind[] = (
  [
    [
      'headers that are too large',
      431,
      () => withLength([...shown, ['x-large', 'x'.repeat(20_000)]], eventText()),
    ],
    ['a signature that is too large', 431, () => resigned({ 'webhook-signature': 'v1,AAAA '.repeat(2_500) })],
    ['a length and chunks', 400, () => withLength([['transfer-encoding', 'chunked'], ...shown], eventText())],
    ['two lengths', 400, () => withLength([['content-length', '1'], ...shown], eventText())],
    [
      'a length that is none',
      400,
      (chance) => ({
        bytes: post(
          [JSON_TYPE, ['content-length', chance.pick(['-1', 'x', '1e3', '0x10', '1 1'])], ...shown],
          eventText(),
        ),
      }),
    ],
    ['a chunk whose size is none', 400, () => inChunks(shown, eventText(), 'xyz\r\n')],
    [
      'a header that is none',
      400,
      () => withLength([...shown, ['no header', 'x'], ['\u0000', 'x']], eventText()),
    ],
    [
      'less than it promised',
      400,
      (chance) => {
        const body = eventText();
        const length = String(body.length + Math.ceil(chance.between(1, 1_000)));
        return {
          bytes: post([JSON_TYPE, ['content-length', length], ...headersOf(signed(body))], body),
          ending: 'says no more',
        };
      },
    ],
    ['chunks without an end', 400, () => ({ ...inChunks(shown, eventText(), ''), ending: 'says no more' })],
    [
      'a start without an end',
      400,
      (chance) => {
        const { bytes } = withLength(shown, eventText());
        return { bytes: bytes.subarray(0, Math.floor(chance.between(1, 120))), ending: 'says no more' };
      },
    ],
    [
      'a sender that hangs up',
      0,
      (chance) => {
        const { bytes } = withLength(headersOf(signed(eventText())), eventText());
        return {
          bytes: bytes.subarray(0, Math.floor(chance.between(1, bytes.length - 1))),
          ending: 'hangs up',
        };
      },
    ],
  ] as [string, number, (chance: Chance) => Draft][]
).map(([what, status, make]) => [what, status, undefined, make]);

export const HOSTILE = [...FORGED, ...MALFORMED, ...BROKEN];

export function make([what, status, result, draft]: Kind, chance: Chance): Post {
  return { what, status, result, ...draft(chance) };
}

/** A valid event and its request bytes: signed or with a secret, in one piece or in chunks. */
export function good(chance: Chance): Post & { id: string } {
  const event = transferEvent();
  const body = JSON.stringify(event);
  const secret = chance.pick([RAW, WHSEC]);
  const draft = chance.pick([
    () => withLength(headersOf(signature(secret, body)), body),
    () => inChunks(headersOf(signature(secret, body)), body),
    () => withLength(headersOf(bearer(secret)), body),
    () => withLength([['x-api-key', secret]], body),
    () => withLength([], body, { url: `${WEBHOOK}?${new URLSearchParams({ token: secret })}` }),
  ])();
  return { what: 'a good event', status: 200, result: 'queued', id: event.id, ...draft };
}
