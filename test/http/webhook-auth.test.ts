import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { connected, startApi, type TestApi } from './start-api.ts';
import {
  bearer,
  counted,
  queued,
  RAW,
  STRANGE,
  send,
  signature,
  transferEvent,
  WEBHOOK,
  WHSEC,
} from './webhook-events.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl'), env: { WEBHOOK_SECRET: `${RAW},${WHSEC}` } });
  await connected(api);
});
beforeEach(() => api.billing.queue.drain(true));
afterAll(() => api.close());

type Answer = Awaited<ReturnType<typeof send>>;

/** Refused as not authenticated, without revealing details. */
function expectRefused(answer: Answer): void {
  expect(answer.statusCode).toBe(401);
  expect(answer.json().code).toBe('unauthenticated');
  expect(answer.headers['www-authenticate']).toBe('Bearer realm="handover webhook"');
  const told = JSON.stringify([answer.body, answer.headers]);
  for (const secret of [RAW, WHSEC, STRANGE, 'v1,']) expect(told).not.toContain(secret);
}

test('on the Platform API, which sends no events, even a known secret is 503, and nothing is logged', async () => {
  const env = { GENESYS_API: 'platform', WEBHOOK_SECRET: RAW };
  const platform = await startApi({ redisUrl: inject('redisUrl'), env });
  await connected(platform);
  const answer = await send(platform, transferEvent(), bearer(RAW));
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({
    code: 'webhook-not-configured',
    detail: expect.stringMatching(/^GENESYS_API=platform sends no events/),
  });
  expect(platform.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  await platform.close();
});

describe('without WEBHOOK_SECRET', () => {
  let open: TestApi;
  beforeAll(async () => {
    open = await startApi({ redisUrl: inject('redisUrl') });
    await connected(open);
  });
  afterAll(() => open.close());

  test('is logged once at start', () => {
    expect(open.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      {
        fields: { reason: expect.stringMatching(/^WEBHOOK_SECRET is not set.*503/) },
        message: 'webhook.not-configured',
      },
    ]);
  });

  test.each<[string, Record<string, string>]>([
    ['shows nothing', {}],
    ['shows an empty secret', { authorization: 'Bearer ', 'x-api-key': '' }],
    ['shows a secret', bearer(RAW)],
    ['is signed', signature(RAW, JSON.stringify(transferEvent()))],
  ])('an event that %s is 503, and nothing is queued', async (_what, headers) => {
    const answer = await send(open, transferEvent(), headers, `${WEBHOOK}?token=`);
    expect(answer.statusCode).toBe(503);
    expect(answer.json().code).toBe('webhook-not-configured');
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(await queued(open)).toEqual([]);
  });

  test('counts such events as unavailable', async () => {
    const before = await counted(open);
    await send(open, transferEvent(), bearer(RAW));
    expect(await counted(open)).toEqual({ ...before, unavailable: (before.unavailable ?? 0) + 1 });
  });
});

test('logs no warning with it', () => {
  expect(api.lines.filter(({ level }) => level === 'warn')).toEqual([]);
});

describe.each([
  ['the first secret, which stands for its own bytes', RAW],
  ['the second secret, which is base64', WHSEC],
])('with %s', (_which, secret) => {
  const ways: [string, (body: string) => Record<string, string>, string][] = [
    ['signed', (body) => signature(secret, body), WEBHOOK],
    ['with a bearer token', () => bearer(secret), WEBHOOK],
    ['with x-api-key', () => ({ 'x-api-key': secret }), WEBHOOK],
    ['with a token in the URL', () => ({}), `${WEBHOOK}?${new URLSearchParams({ token: secret })}`],
  ];

  test.each(ways)('queues an event authenticated %s', async (_way, headersFor, url) => {
    const event = transferEvent();
    const body = JSON.stringify(event);
    const answer = await send(api, body, headersFor(body), url);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'queued' });
    expect(await queued(api)).toMatchObject([{ id: event.id }]);
  });

  test('rejects a signature over equivalent but different bytes', async () => {
    const event = transferEvent();
    expectRefused(await send(api, JSON.stringify(event, null, 1), signature(secret, JSON.stringify(event))));
    expect(await queued(api)).toEqual([]);
  });

  test.each([
    // By half a minute: a busy machine is slow and sees Redis' clock late.
    ['old', -330],
    ['ahead', 330],
  ])('rejects a signature more than five minutes %s', async (_what, seconds) => {
    const body = JSON.stringify(transferEvent());
    const at = new Date(Date.now() + seconds * 1_000);
    expectRefused(await send(api, body, signature(secret, body, { at })));
  });

  test('a valid secret does not rescue a message with a wrong signature', async () => {
    const body = JSON.stringify(transferEvent());
    const headers = { ...signature(STRANGE, body), ...bearer(secret), 'x-api-key': secret };
    expectRefused(await send(api, body, headers, `${WEBHOOK}?${new URLSearchParams({ token: secret })}`));
    expect(await queued(api)).toEqual([]);
  });
});

test.each<[string, Record<string, string | string[]>, string?]>([
  ['nothing', {}],
  ['a wrong bearer token', bearer(STRANGE)],
  ['a wrong x-api-key', { 'x-api-key': STRANGE }],
  ['a wrong token', {}, `${WEBHOOK}?token=${STRANGE}`],
  ['the token twice', {}, `${WEBHOOK}?token=${RAW}&token=${RAW}`],
  ['the token under another name', {}, `${WEBHOOK}?Token=${RAW}`],
  ['the secret as a password', { authorization: `Basic ${Buffer.from(`x:${RAW}`).toString('base64')}` }],
  ['both secrets in one header', bearer(`${RAW},${WHSEC}`)],
  ['an empty signature beside a right secret', { ...bearer(RAW), 'webhook-signature': '' }],
  ['the half of a signature', { 'webhook-signature': 'v1,AAAA' }],
])('refuses an event with %s before reading its body', async (_what, headers, url) => {
  expectRefused(await send(api, transferEvent(), headers, url));
  expect(await queued(api)).toEqual([]);
});

test('the refusal is the same without a body, and none is requested', async () => {
  expectRefused(await api.app.inject({ method: 'POST', url: WEBHOOK }));
});

test('never logs a secret or token', async () => {
  const from = api.lines.length;
  await send(api, transferEvent(), { ...bearer(STRANGE), 'x-api-key': RAW }, `${WEBHOOK}?token=${RAW}`);
  await send(api, 'no json', bearer(RAW), `${WEBHOOK}?token=${STRANGE}`);
  const lines = api.lines.slice(from);
  expect(lines).toMatchObject([
    { fields: { path: WEBHOOK, status: 200 } },
    { fields: { path: WEBHOOK, status: 400 } },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/secret/);
});
