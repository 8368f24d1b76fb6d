import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSigner, createVerifier, isTimely, type SignatureHeaders } from './signature.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const BASE64 = `whsec_${randomBytes(24).toString('base64')}`;
const RAW = 'korrekt-pferd-€-🐎';
const BODY = '{"type":"voice.call.updated","to":"Zürich 🎧"}';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The headers of a message that somebody else signed, in the way of Standard Webhooks. */
function signedBy(webhook: Webhook, { body = BODY, at = NOW, id = 'msg-1' } = {}): SignatureHeaders {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1_000)),
    'webhook-signature': webhook.sign(id, new Date(at), body),
  };
}
const signed = (given = {}) => signedBy(new Webhook(BASE64), given);
const holds = (headers: SignatureHeaders, body = BODY, secrets = [BASE64], now = NOW) => {
  const sentAt = createVerifier(secrets)(headers, Buffer.from(body));
  return sentAt !== undefined && isTimely(sentAt, now);
};
const withSignature = (signature: string): SignatureHeaders => ({
  ...signed(),
  'webhook-signature': signature,
});

describe('a secret', () => {
  test.each([
    ['that begins with whsec_ is base64', BASE64, new Webhook(BASE64)],
    [
      'that does not stands for its own bytes in UTF-8',
      RAW,
      new Webhook(Buffer.from(RAW), { format: 'raw' }),
    ],
    ['that looks like base64 stands for its own bytes too', 'YWJj', new Webhook('YWJj', { format: 'raw' })],
  ])('%s, for signing as for verifying', (_, secret, theirs) => {
    expect(holds(signedBy(theirs), BODY, [secret])).toBe(true);
    const ours = createSigner(secret)('msg-2', BODY, Date.now());
    expect(ours).toEqual(signedBy(theirs, { id: 'msg-2' }));
    expect(() => theirs.verify(BODY, ours)).not.toThrow();
  });

  test.each([
    ['nothing', ''],
    ['nothing after whsec_', 'whsec_'],
    ['no base64 after whsec_', 'whsec_?!'],
  ])('of %s is refused when it is given, not when the first message comes', (_, secret) => {
    expect(() => createSigner(secret)).toThrow();
    expect(() => createVerifier([BASE64, secret])).toThrow();
  });
});

describe('while secrets are rotated', () => {
  const secrets = ['the-new-one', BASE64, RAW];

  test.each(secrets)('a message signed with any of them holds: %s', (secret) => {
    expect(holds(createSigner(secret)('msg-1', BODY, Date.now()), BODY, secrets)).toBe(true);
  });

  test('a message signed with one that is not among them does not', () => {
    expect(holds(createSigner('the-old-one')('msg-1', BODY, Date.now()), BODY, secrets)).toBe(false);
  });

  test('without any secret nothing holds', () => {
    expect(holds(signed(), BODY, [])).toBe(false);
  });

  test('a message with several signatures holds where one of them does, wherever it stands', () => {
    const right = signed()['webhook-signature'];
    const wrong = createSigner('the-old-one')('msg-1', BODY, Date.now())['webhook-signature'];
    for (const signature of [`${wrong} ${right}`, `${right} ${wrong}`, `v1a,AAAA ${wrong} ${right} v2,x`])
      expect(holds(withSignature(signature))).toBe(true);
    expect(holds(withSignature(`${wrong} ${wrong}`))).toBe(false);
  });
});

describe('time', () => {
  test.each([
    ['five minutes old', -300, true],
    ['a second older than that', -301, false],
    ['five minutes ahead', 300, true],
    ['a second further ahead', 301, false],
    ['a day old', -86_400, false],
  ])('a message that is %s (%i s): %s', (_, seconds, expected) => {
    expect(holds(signed({ at: NOW + seconds * 1_000 }))).toBe(expected);
  });

  test('a message that held holds no more once five minutes have passed', () => {
    const headers = signed();
    expect(holds(headers, BODY, [BASE64], NOW)).toBe(true);
    expect(holds(headers, BODY, [BASE64], NOW + 301_000)).toBe(false);
  });

  test.each([-3_600_000, 600_000, 86_400_000])(
    'the clock of this machine, %i ms off, decides nothing',
    (ms) => {
      vi.setSystemTime(NOW + ms);
      expect(holds(signed())).toBe(true);
      expect(holds(signed({ at: NOW + ms }))).toBe(false);
    },
  );

  test('the time is signed too: an old message does not hold under a new time', () => {
    const old = signed({ at: NOW - 3_600_000 });
    expect(holds({ ...old, 'webhook-timestamp': String(NOW / 1_000) })).toBe(false);
  });

  test('each message is signed with the time at which it is sent', () => {
    const sign = createSigner(BASE64);
    expect(sign('msg-1', BODY, NOW + 3_600_999)['webhook-timestamp']).toBe(String(NOW / 1_000 + 3_600));
  });
});

describe('what was changed on the way does not hold', () => {
  test.each([
    ['one character of the body', signed, BODY.replace('Z', 'z')],
    ['a space at the end of the body', signed, `${BODY} `],
    ['the body gone', signed, ''],
    ['another id', () => ({ ...signed(), 'webhook-id': 'msg-2' }), BODY],
    ['id and time shifted into one another', () => ({ ...signed(), 'webhook-id': `msg-1.${NOW}` }), BODY],
  ])('%s', (_, headers, body) => {
    expect(holds(headers(), body)).toBe(false);
  });

  test('the body is what counts, not what it says: other bytes of the same JSON do not hold', () => {
    expect(holds(signed(), JSON.stringify(JSON.parse(BODY), null, 1))).toBe(false);
  });

  test.each(['', 'no JSON', '{"half":', '\u0000'])('a body that is %j, and was signed, holds', (body) => {
    expect(holds(signed({ body }), body)).toBe(true);
  });
});

describe('headers that are no signature do not hold, and throw nothing', () => {
  const right = () => signed()['webhook-signature'];

  test.each<[string, () => string]>([
    ['nothing', () => ''],
    ['spaces', () => '   '],
    ['a version alone', () => 'v1'],
    ['a version and nothing', () => 'v1,'],
    ['commas', () => ',,,'],
    ['the signature without its version', () => right().replace('v1,', '')],
    ['another version', () => right().replace('v1,', 'v2,')],
    ['half of it', () => right().slice(0, 20)],
    ['more than it', () => `${right()}AAAA`],
    ['what is not base64', () => 'v1,ü€\u0000\ud800'],
    ['very much', () => 'v1,A '.repeat(20_000)],
  ])('%s as signature', (_, signature) => {
    expect(holds(withSignature(signature()))).toBe(false);
  });

  test.each(['', 'now', '-1', '1e99', '9'.repeat(400), '2026-11-22T10:00:00Z', '\u0000'])(
    'the time "%s"',
    (timestamp) => {
      expect(holds({ ...signed(), 'webhook-timestamp': timestamp })).toBe(false);
    },
  );

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('%s that is missing', (name) => {
    const headers = Object.fromEntries(Object.entries(signed()).filter(([one]) => one !== name));
    expect(holds(headers as SignatureHeaders)).toBe(false);
  });

  test('a body that is not UTF-8', () => {
    const body = Buffer.from([0xff, 0xfe, 0x00, 0xc3]);
    expect(createVerifier([BASE64])(signed(), body)).toBeUndefined();
  });
});
