import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connected, startApi, type TestApi, transferBody } from './start-api.ts';

let voice: TestApi;
let platform: TestApi;
beforeAll(async () => {
  const redisUrl = inject('redisUrl');
  voice = await startApi({ redisUrl });
  const env = { GENESYS_API: 'platform', GENESYS_LOGIN_URL: 'http://127.0.0.1:1' };
  platform = await startApi({ redisUrl, env });
  await Promise.all([connected(voice), connected(platform)]);
});
afterAll(() => Promise.all([voice.close(), platform.close()]));

const submit = ({ app }: TestApi, change: object, headers = {}) =>
  app.inject({ method: 'POST', url: '/api/transfers', payload: transferBody({ ...change }), headers });
const batch = ({ app }: TestApi, ...changes: object[]) =>
  app.inject({
    ...{ method: 'POST', url: '/api/transfers/batch' },
    payload: { transfers: changes.map((change) => transferBody({ ...change })) },
  });
const shown = async ({ app }: TestApi, id: string) => (await app.inject(`/api/transfers/${id}`)).json();

const onPlatform = (change: object = {}) => ({ callId: randomUUID(), ...change });
const contact = { type: 'externalContact', id: 'k', phoneType: 'WorkPhone' };
const number = { type: 'address', id: '+4930123456' };
const group = { type: 'skillGroup', id: 'q', skills: ['german'] };

describe('on the Platform API', () => {
  test.each([
    ['a queue', { target: { type: 'queue', id: 'q' } }],
    ['a user, attended', { target: { type: 'user', id: 'u' }, mode: 'attended' }],
    ['a contact by its phone', { target: contact, mode: 'unattended' }],
    ['a number, from the queue', { target: number, from: 'queue' }],
    ['a SIP address', { target: { type: 'address', id: 'sip:desk@example.com' } }],
    ['a group with skills', { target: group, fallback: number }],
    ['a consult', { transferType: 'consult' }],
  ])('%s is accepted, and shown as it was asked for', async (_, change) => {
    const answer = await submit(platform, onPlatform(change));
    expect(answer.statusCode).toBe(202);
    expect((await shown(platform, answer.json().id)).request).toMatchObject(change);
  });

  test.each<[string, object, string, string]>([
    ['a call id that is no UUID', { callId: 'call-1' }, 'callId', 'must be the conversation id, a UUID'],
    ['a SIP Call-ID', { callId: 'a84b4c76e66710@pc33.example.com' }, 'callId', 'UUID'],
    ['an e-mail address as the agent', { userId: 'ann@example.com' }, 'userId', 'not an e-mail address'],
    ['a group without skills', { target: { type: 'skillGroup', id: 'q' } }, 'target.skills', 'is missing'],
    ['such a fallback', { fallback: { type: 'skillGroup', id: 'q' } }, 'fallback.skills', 'is missing'],
    ['a bare number', { target: { type: 'address', id: '030123456' } }, 'target.id', 'E.164'],
    ['a number with spaces', { target: { type: 'address', id: '+49 30 123456' } }, 'target.id', 'E.164'],
    ['a number too short', { target: { type: 'address', id: '+493012' } }, 'target.id', 'E.164'],
    ['a number too long', { fallback: { type: 'address', id: '+4930123456789012' } }, 'fallback.id', 'E.164'],
    ['a name', { target: { type: 'address', id: 'desk@example.com' } }, 'target.id', 'sip:'],
    ['a consult with a mode', { transferType: 'consult', mode: 'attended' }, 'mode', 'blind'],
  ])('%s is refused by field', async (_, change, field, words) => {
    const answer = await submit(platform, onPlatform(change));
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      code: 'invalid-request',
      errors: [{ field, message: expect.stringContaining(words) }],
    });
  });

  test('each transfer of a batch is looked at alone', async () => {
    const answer = await batch(platform, onPlatform(), { callId: 'call-1' }, onPlatform({ target: number }));
    const { results } = answer.json();
    expect(results.map(({ status }: { status: number }) => status)).toEqual([202, 400, 202]);
    expect(results[1].problem.errors).toMatchObject([{ field: 'callId' }]);
  });
});

describe('on the voice API', () => {
  const [target, fallback] = [contact, number];
  test.each<[string, object, string[]]>([
    ['a contact', { target }, ['target.type']],
    ['a number as fallback', { fallback }, ['fallback.type']],
    ['a group with skills', { target: group }, ['target.skills']],
    ['a mode and a source', { mode: 'attended', from: 'queue' }, ['mode', 'from']],
    ['all of it', { target, fallback, mode: 'attended' }, ['target.type', 'fallback.type', 'mode']],
  ])('%s is refused by field', async (_, change, fields) => {
    for (const answer of [await submit(voice, change), (await batch(voice, change)).json().results[0]]) {
      const { errors } = 'problem' in answer ? answer.problem : answer.json();
      expect(errors.map(({ field }: { field: string }) => field)).toEqual(fields);
      for (const { message } of errors)
        expect(message).toMatch(/^only the Platform API has .*GENESYS_API=platform/);
    }
  });

  test('what it has is accepted as ever', async () => {
    for (const type of ['queue', 'user', 'skillGroup'])
      expect((await submit(voice, { target: { type, id: 'x' } })).statusCode).toBe(202);
  });
});

test('a key whose request was accepted before another API was configured gets its first answer', async () => {
  const headers = { 'idempotency-key': `key-${randomUUID()}` };
  const payload = transferBody({ callId: 'call-1' });
  const send = ({ app }: TestApi) => app.inject({ method: 'POST', url: '/api/transfers', payload, headers });
  const first = await send(voice);
  const later = await startApi({
    redisUrl: inject('redisUrl'),
    prefix: voice.prefix,
    env: { GENESYS_API: 'platform', GENESYS_LOGIN_URL: 'http://127.0.0.1:1' },
  });
  await connected(later);
  try {
    expect((await send(later)).json()).toEqual(first.json());
  } finally {
    await later.close();
  }
});

test('a field that belongs to another target is refused on both', async () => {
  const target = { type: 'queue', id: 'q', phoneType: 'WorkPhone' };
  for (const api of [voice, platform]) {
    const answer = await submit(api, onPlatform({ target }));
    expect(answer.json().errors).toEqual([
      { field: 'target.phoneType', message: 'belongs to a target of type externalContact' },
    ]);
  }
});
