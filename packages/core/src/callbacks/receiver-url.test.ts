import { expect, test } from 'vitest';
import { createReceiver } from './receiver.ts';
import { whyNotCalled } from './receiver-url.ts';

test.each([
  ['https://169.254.169.254/latest', /leads to 169\.254\.169\.254, which is not on the public internet/],
  ['https://[fd00:ec2::254]/', /not on the public internet/],
  ['https://[::ffff:10.0.0.1]/', /not on the public internet/],
  ['https://0x7f.1/', /leads to 127\.0\.0\.1/],
  ['https://2130706433/', /leads to 127\.0\.0\.1/],
  ['https://localhost:8443/', /leads to localhost/],
  ['https://a.localhost./', /leads to a\.localhost/],
  ['http://example.org/', /must use https/],
  ['ftp://example.org/', /is not a URL with https/],
  ['javascript:alert(1)', /is not a URL with https/],
  ['example.org/callbacks', /is not a URL/],
  ['https://user:password@example.org/', /must not contain a user or password/],
  ['https://example.org/#part', /must not contain a fragment/],
])('%s is refused in words', (url, why) => {
  expect(whyNotCalled(url, false)).toMatch(why);
  expect(() =>
    createReceiver({ key: 'crm', url, secrets: [], allowPrivate: false }, { now: async () => 0 }),
  ).toThrow(why);
});

test('only https is called outside; inside, where that is allowed, http too', () => {
  expect(whyNotCalled('https://example.org/a?b=c%2Cd', false)).toBeUndefined();
  expect(whyNotCalled('https://1.1.1.1/', false)).toBeUndefined();
  for (const url of ['http://10.0.0.1/', 'https://10.0.0.1/', 'http://localhost/', 'http://crm.internal/'])
    expect(whyNotCalled(url, true)).toBeUndefined();
  expect(whyNotCalled('http://1.1.1.1/', true)).toMatch(/must use https, since 1\.1\.1\.1 is not/);
});
