import { describe, expect, test } from 'vitest';
import { classifyPlatform } from './classify.ts';
import { errorWords, tokenErrorWords } from './errors.ts';
import { covers, permissionsFor } from './permissions.ts';
import { findRegion } from './regions.ts';
import { tokenRequest } from './token.ts';

describe('a region', () => {
  test('goes by its AWS name or its domain, in any case', () => {
    const ireland = { name: 'eu-west-1', domain: 'mypurecloud.ie' };
    for (const given of ['eu-west-1', 'EU-West-1', 'mypurecloud.ie', ' MyPureCloud.ie '])
      expect(findRegion(given)).toEqual(ireland);
  });

  test('is no host: which region is meant is said', () => {
    for (const given of ['api.mypurecloud.de', 'https://login.mypurecloud.de/', 'apps.mypurecloud.de'])
      expect(findRegion(given)).toEqual({
        problem: 'is the address of a host, not a region: "eu-central-1" or "mypurecloud.de" is meant',
      });
  });

  test('that does not exist is refused with those that do', () => {
    for (const given of ['acme', 'eu-west-9', 'api.acme.com', ''])
      expect(findRegion(given)).toEqual({
        problem: expect.stringMatching(/is no region .*us-east-1.*ap-southeast-2/),
      });
  });
});

test('a token is asked for as OAuth has it, and the secret stands in the header only', () => {
  const client = { id: 'client', secret: 's:ü', baseUrl: 'https://api.x', loginUrl: 'https://login.x' };
  const { url, body, headers } = tokenRequest(client);
  expect([url, body]).toEqual(['https://login.x/oauth/token', 'grant_type=client_credentials']);
  expect(headers?.['content-type']).toBe('application/x-www-form-urlencoded');
  const basic = headers?.authorization?.replace('Basic ', '') ?? '';
  expect(Buffer.from(basic, 'base64').toString()).toBe('client:s:ü');
});

test('errors are read in their own forms only', () => {
  expect(errorWords({ code: 'not.found', message: 'm', status: 404 })).toEqual({
    code: 'not.found',
    message: 'm',
  });
  expect(errorWords({ error: 'invalid_client' })).toBeUndefined();
  expect(tokenErrorWords({ error: 'invalid_client', description: 'client not found' })).toBe(
    'invalid_client: client not found',
  );
  expect(tokenErrorWords({ error: 'invalid_client', error_description: 'authentication failed' })).toBe(
    'invalid_client: authentication failed',
  );
  expect(tokenErrorWords({ code: 'not.found' })).toBeUndefined();
});

describe('a permission', () => {
  test.each([
    [['conversation:communication:blindTransfer'], true],
    [['conversation:communication:blindTransferQueue'], true],
    [['conversation:communication:*'], true],
    [['conversation:*:*'], true],
    [['*:*:*'], true],
    [['Conversation:Communication:BlindTransfer'], true],
    [['conversation:communication:blindTransferAgent'], false],
    [['conversation:communication'], false],
    [['routing:*:*'], false],
    [[], false],
  ])('of %j for a queue: %s', (granted, may) => {
    expect(permissionsFor('queue').some((one) => covers(granted, one))).toBe(may);
  });

  test('for a free number is the one for everything', () => {
    expect(permissionsFor('address')).toEqual(['conversation:communication:blindTransfer']);
  });
});

describe('what a refusal means', () => {
  test.each([
    [429, undefined, 'effect', 'limited'],
    [401, 'bad.credentials', 'call', 'unauthorized'],
    [400, 'not.a.user', 'effect', 'needs-user'],
    [403, 'conversation.error.forbidden.not.active.participant', 'effect', 'needs-user'],
    [403, 'missing.any.permissions', 'effect', 'forbidden'],
    [400, 'conversations.error.transfer.not.connected', 'effect', 'changed'],
    [409, 'general.conflict', 'effect', 'changed'],
    [404, 'not.found', 'effect', 'changed'],
    [404, 'conversations.error.queue.not.found', 'effect', 'target-gone'],
    [400, 'conversations.error.queue.not.found', 'effect', 'target-gone'],
    [404, 'not.found', 'target', 'not-found'],
    [404, 'conversation.error.conversation.not.found', 'call', 'not-found'],
    [400, 'conversations.error.transfer.same.party', 'effect', 'target-gone'],
    [400, 'conversation.error.cannot.transfer.to.self', 'effect', 'target-gone'],
    [400, 'conversation.error.cannot.transfer.conference', 'effect', 'not-transferable'],
    [400, 'conversations.error.transfer.acd.call.unattended', 'effect', 'invalid'],
    [400, 'not.a.participant', 'effect', 'changed'],
    [400, 'bad.request', 'effect', 'invalid'],
    [413, undefined, 'effect', 'invalid'],
    [408, undefined, 'effect', 'unwell'],
    [503, 'service.unavailable', 'effect', 'unwell'],
    [302, undefined, 'call', 'unwell'],
  ] as const)('%d %s on %s', (status, code, phase, meaning) => {
    expect(classifyPlatform({ status, code }, phase)).toBe(meaning);
  });
});
