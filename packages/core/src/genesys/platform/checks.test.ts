import { expect, test } from 'vitest';
import { voiceChecks } from '../voice/checks.ts';
import { platformChecks } from './checks.ts';
import { isLiveHost } from './regions.ts';

const client = (baseUrl: string, loginUrl?: string) => ({ id: 'id', secret: 'a-secret', baseUrl, loginUrl });
const live = client('https://api.mypurecloud.com', 'https://login.mypurecloud.com');
const PAGE = 'compare the address of your Genesys page (apps.euw2.pure.cloud → GENESYS_REGION=eu-west-2)';

test('a client that is not found is told with both causes, and the address to compare', () => {
  expect(platformChecks.tokenRefused(400, 'invalid_client: client not found', live)).toEqual({
    status: 'failed',
    detail: 'login.mypurecloud.com refused this client (invalid_client: client not found)',
    fix: `either id or secret is wrong (GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET), or the client lives in another region: ${PAGE}`,
  });
});

test('with "authentication failed" the secret comes first', () => {
  expect(platformChecks.tokenRefused(401, 'invalid_client: authentication failed', live)).toEqual({
    status: 'failed',
    detail: 'login.mypurecloud.com refused this client (invalid_client: authentication failed)',
    fix: `the secret is wrong (GENESYS_CLIENT_SECRET), or the client lives in another region: ${PAGE}`,
  });
});

test.each(['unauthorized_client', 'unsupported_grant_type: no'])('%s is about the grant type', (words) => {
  const { fix } = platformChecks.tokenRefused(400, words, live);
  expect(fix).toBe('under Admin › Integrations › OAuth its grant type must be Client Credentials');
});

test.each([
  ['api.mypurecloud.com', { isExact: true }],
  ['LOGIN.euw2.pure.cloud', { isExact: true }],
  ['acme.mypurecloud.com', { isExact: false }],
  ['mypurecloud.com.example.org', undefined],
  ['notmypurecloud.com', undefined],
  ['127.0.0.1', undefined],
])('%s is a live host: %j', (host, expected) => {
  expect(isLiveHost(host)).toEqual(expected);
});

test('the voice API is refused at a live host before anything is sent, and elsewhere once its route is missing', () => {
  const words = expect.stringContaining('this is a live organisation');
  const fix = expect.stringContaining('set GENESYS_API=platform');
  expect(voiceChecks.wrongHosts?.(live)).toMatchObject({ status: 'failed', detail: words, fix });
  const acme = client('https://acme.mypurecloud.com');
  expect(voiceChecks.wrongHosts?.(acme)).toBeUndefined();
  expect(voiceChecks.tokenRefused(405, undefined, acme)).toMatchObject({ detail: words, fix });
  expect(voiceChecks.tokenRefused(404, undefined, client('http://127.0.0.1:9'))).toMatchObject({ fix });
});
