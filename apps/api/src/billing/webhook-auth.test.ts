import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { problemBody } from '../http/problems.ts';
import { createWebhookGuard } from './webhook-auth.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw';
const BODY = '{"type": "voice.call.updated"}';
const SENT_AT = 1_614_265_330;
const OLD_SECRET = 'the-secret-of-last-year';

/** A signature made without the library, over these very bytes. */
function sign(secret: string, body: string, { id = 'msg_1', at = SENT_AT } = {}) {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const digest = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${digest}` };
}

const SIGNED = sign(SECRET, BODY);

beforeEach(() => {
  vi.useFakeTimers({ now: SENT_AT * 1_000, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

type Message = {
  headers?: Record<string, string | string[]>;
  query?: Record<string, unknown>;
  body?: string | Buffer | undefined;
};

/** What the guard says to this message: `let in`, or the problem. */
async function ask(secrets: string[], { headers = {}, query = {}, body }: Message): Promise<string> {
  const guard = createWebhookGuard(secrets, async () => Date.now());
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const request = { headers, query, body: bytes } as unknown as FastifyRequest;
  try {
    await guard.headers(request);
    await guard.body(request);
    return 'let in';
  } catch (error) {
    return problemBody(error as Parameters<typeof problemBody>[0]).code;
  }
}

describe('a signature', () => {
  test.each([SECRET, OLD_SECRET])('by any of the secrets is right: %s', async (secret) => {
    const message = { headers: sign(secret, BODY), body: BODY };
    expect(await ask([SECRET, OLD_SECRET], message)).toBe('let in');
    expect(await ask([OLD_SECRET, SECRET], message)).toBe('let in');
    expect(await ask(['the-secret-of-somebody-else'], message)).toBe('unauthenticated');
  });

  test('among others is found, as a sender that rotates its secret sends it', async () => {
    const list = `v1a,xyz v2,abc ${sign('of-nobody-we-know', BODY)['webhook-signature']}`;
    const headers = { ...SIGNED, 'webhook-signature': `${list} ${SIGNED['webhook-signature']}` };
    expect(await ask([SECRET], { headers, body: BODY })).toBe('let in');
    const without = { ...SIGNED, 'webhook-signature': list };
    expect(await ask([SECRET], { headers: without, body: BODY })).toBe('unauthenticated');
  });

  test.each([
    [-301, 'unauthenticated'],
    [-300, 'let in'],
    [300, 'let in'],
    [301, 'unauthenticated'],
  ])('of a message that was sent %i s from now is %s', async (seconds, said) => {
    const headers = sign(SECRET, BODY, { at: SENT_AT + seconds });
    expect(await ask([SECRET], { headers, body: BODY })).toBe(said);
  });

  test.each<[string, Record<string, string | string[]>, string]>([
    ['another body', {}, `${BODY} `],
    ['no body', {}, ''],
    ['another id', { 'webhook-id': 'msg_other' }, BODY],
    ['an empty id', { 'webhook-id': '' }, BODY],
    ['another time', { 'webhook-timestamp': String(SENT_AT + 1) }, BODY],
    ['a time that is none', { 'webhook-timestamp': 'now' }, BODY],
    ['an endless time', { 'webhook-timestamp': '9'.repeat(400) }, BODY],
    ['a time before all time', { 'webhook-timestamp': '-1' }, BODY],
    ['an empty signature', { 'webhook-signature': '' }, BODY],
    ['a signature without its value', { 'webhook-signature': 'v1' }, BODY],
    ['a signature of nothing', { 'webhook-signature': 'v1,' }, BODY],
    [
      'a version that we do not know',
      { 'webhook-signature': SIGNED['webhook-signature'].replace('v1', 'v9') },
      BODY,
    ],
    ['a signature in another case', { 'webhook-signature': SIGNED['webhook-signature'].toLowerCase() }, BODY],
    ['half a signature', { 'webhook-signature': SIGNED['webhook-signature'].slice(0, 20) }, BODY],
    ['a list in place of a signature', { 'webhook-signature': ['v1,a', 'v1,b'] }, BODY],
  ])('with %s is wrong', async (_what, headers, body) => {
    expect(await ask([SECRET], { headers: { ...SIGNED, ...headers }, body })).toBe('unauthenticated');
  });

  test.each(['webhook-id', 'webhook-timestamp'])('without %s is wrong', async (name) => {
    const { [name]: _left, ...headers } = SIGNED as Record<string, string>;
    expect(await ask([SECRET], { headers, body: BODY })).toBe('unauthenticated');
  });

  test('decides alone: no secret beside it saves a wrong one', async () => {
    const headers = {
      ...SIGNED,
      'webhook-signature': 'v1,AAAA',
      authorization: `Bearer ${SECRET}`,
      'x-api-key': SECRET,
    };
    expect(await ask([SECRET], { headers, query: { token: SECRET }, body: BODY })).toBe('unauthenticated');
  });

  test('decides alone: no wrong secret beside it spoils a right one', async () => {
    const headers = { ...SIGNED, authorization: 'Bearer of-somebody-else' };
    expect(await ask([SECRET], { headers, query: { token: 'x' }, body: BODY })).toBe('let in');
  });
});

describe('a secret that is shown', () => {
  const ways: [string, (secret: string) => Message][] = [
    ['as bearer token', (secret) => ({ headers: { authorization: `Bearer ${secret}` } })],
    ['as bearer token in small letters', (secret) => ({ headers: { authorization: `bearer   ${secret} ` } })],
    ['as x-api-key', (secret) => ({ headers: { 'x-api-key': secret } })],
    ['as token in the URL', (secret) => ({ query: { token: secret } })],
  ];

  test.each(ways)('%s lets in, whichever it is', async (_way, show) => {
    for (const secret of [SECRET, OLD_SECRET])
      expect(await ask([SECRET, OLD_SECRET], show(secret))).toBe('let in');
  });

  test.each(ways)('%s must be the whole secret and nothing else', async (_way, show) => {
    for (const wrong of [
      '',
      'x',
      SECRET.slice(0, -1),
      `${SECRET}x`,
      SECRET.toLowerCase(),
      SECRET.slice('whsec_'.length),
      `${SECRET},${OLD_SECRET}`,
    ])
      expect(await ask([SECRET, OLD_SECRET], show(wrong))).toBe('unauthenticated');
  });

  test.each<[string, Message]>([
    ['none', {}],
    ['another scheme', { headers: { authorization: `Basic ${SECRET}` } }],
    ['a secret without its scheme', { headers: { authorization: SECRET } }],
    ['a list of tokens', { query: { token: [SECRET, SECRET] } }],
    ['an id and a time, but no signature', { headers: { 'webhook-id': 'x', 'webhook-timestamp': '1' } }],
  ])('%s is none', async (_what, message) => {
    expect(await ask([SECRET], message)).toBe('unauthenticated');
  });

  test('one that is right is enough, though another is not', async () => {
    const headers = { authorization: 'Bearer wrong', 'x-api-key': SECRET };
    expect(await ask([SECRET], { headers, query: { token: 'wrong too' } })).toBe('let in');
  });
});

test('without secrets nothing is let in, and that is said', async () => {
  expect(await ask([], { headers: SIGNED, body: BODY })).toBe('webhook-not-configured');
  expect(await ask([], { headers: { authorization: 'Bearer ' } })).toBe('webhook-not-configured');
});
