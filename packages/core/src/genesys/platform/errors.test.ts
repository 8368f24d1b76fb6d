import { describe, expect, test } from 'vitest';
import { errorWords, limitExceeded, tokenHint } from './errors.ts';

const headers = (count: string, allowed = '300') => ({
  'inin-ratelimit-count': count,
  'inin-ratelimit-allowed': allowed,
  'inin-ratelimit-reset': '20',
});
const limit = (key: unknown, value: unknown = 100) => ({ limit: { namespace: 'x', key, value } });

describe('what a 429 limits', () => {
  test.each([
    ['client.credentials.token.rate.per.minute', 'everybody'],
    ['token.rate.per.minute', 'everybody'],
    ['org.app.user.rate.per.minute', 'everybody'],
    ['org.user.rate.per.minute', 'everybody'],
    ['conversation.rate.per.minute', 'operation'],
    ['ivr.put.rate.per.minute', 'operation'],
    ['tokens.made.per.day', 'operation'],
  ])('%s: %s, whatever the headers show', (key, of) => {
    for (const count of ['1', '300'])
      expect(limitExceeded({ data: limit(key), headers: headers(count) })).toEqual({
        of,
        what: `${key} (100)`,
      });
  });

  test.each<[unknown, string]>([
    [null, 'x.y'],
    ['7', 'x.y (7)'],
    [0, 'x.y'],
    ['much', 'x.y'],
  ])('a value of %j is shown as %s', (value, what) => {
    expect(limitExceeded({ data: limit('x.y', value), headers: {} })).toEqual({ of: 'operation', what });
  });

  test('a key of any length fits a timeline', () => {
    expect(limitExceeded({ data: limit('k'.repeat(500), 1), headers: {} }).what).toBe(
      `${'k'.repeat(100)} (1)`,
    );
  });

  test('a message that names a limit of the token counts, too', () => {
    const message =
      'Rate limit exceeded [300] for [client.credentials.token.rate.per.minute] within [60] seconds';
    expect(limitExceeded({ data: { message }, headers: headers('3') })).toEqual({ of: 'everybody' });
  });

  test.each([
    ['0', 'operation'],
    ['149', 'operation'],
    ['150', 'everybody'],
    ['301', 'everybody'],
    ['', 'everybody'],
    ['-1', 'everybody'],
    ['few', 'everybody'],
  ])('without a key, %j of 300 requests spent means: %s', (count, of) => {
    for (const data of [{}, { message: 'Rate limit exceeded' }, limit(''), limit(7), undefined, null, []])
      expect(limitExceeded({ data, headers: headers(count) })).toEqual({ of });
  });

  test('without headers it is everybody', () => {
    expect(limitExceeded({ data: {}, headers: {} })).toEqual({ of: 'everybody' });
    expect(limitExceeded({ data: {}, headers: { 'inin-ratelimit-count': '1' } })).toEqual({
      of: 'everybody',
    });
  });
});

test.each<[unknown, string | undefined]>([
  ['7b5d4a23-1111-4222-8333-444455556666', '7b5d4a23-1111-4222-8333-444455556666'],
  ['x'.repeat(81), undefined],
  ['a b', undefined],
  ['a\nb', undefined],
  [7, undefined],
  [undefined, undefined],
])('the context id %j is told as %j', (contextId, trace) => {
  expect(errorWords({ code: 'c', message: 'm', contextId })).toEqual({ code: 'c', message: 'm', trace });
});

test.each<[object, RegExp | undefined]>([
  [
    { error: 'invalid_client', description: 'authentication failed' },
    /the secret \(GENESYS_CLIENT_SECRET\) is wrong, or the client lives in another region/,
  ],
  [
    { error: 'invalid_client', error_description: 'client not found' },
    /id or secret is wrong, or .* another region/,
  ],
  [{ error: 'invalid_client' }, /id or secret is wrong, or .* another region/],
  [{ error: 'unauthorized_client' }, /grant type must be Client Credentials/],
  [{ error: 'unsupported_grant_type' }, /grant type must be Client Credentials/],
  [{ error: 'server_error' }, undefined],
  [{}, undefined],
])('a refused token %j: %s', (body, hint) => {
  const told = tokenHint(body);
  if (hint === undefined) expect(told).toBeUndefined();
  else expect(told).toMatch(hint);
});
