import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('uses the defaults without variables, or with empty ones', () => {
  const config = readConfig({ SANDBOX_PORT: '', OTHER: 'x' });
  expect(config).toEqual({
    host: '127.0.0.1',
    port: 4010,
    requestsPerMinute: 0,
    logsRequests: false,
    logsFaults: true,
  });
});

test('variables are read', () => {
  const config = readConfig({
    SANDBOX_HOST: '::1',
    SANDBOX_PORT: '0',
    SANDBOX_REQUESTS_PER_MINUTE: '300',
    SANDBOX_EVENT_SECRET: 'whsec_c2VjcmV0',
    SANDBOX_BILLING_SECRET: 'plain text',
    LOG_LEVEL: 'debug',
  });
  expect(config).toEqual({
    host: '::1',
    port: 0,
    requestsPerMinute: 300,
    eventSecret: 'whsec_c2VjcmV0',
    billingSecret: 'plain text',
    logsRequests: true,
    logsFaults: true,
  });
});

test('one message names every invalid variable', () => {
  const read = () =>
    readConfig({
      SANDBOX_PORT: '70000',
      SANDBOX_REQUESTS_PER_MINUTE: '-1',
      SANDBOX_EVENT_SECRET: 'whsec_?',
      LOG_LEVEL: 'loud',
    });
  expect(read).toThrow(/SANDBOX_PORT[\s\S]*_PER_MINUTE[\s\S]*_EVENT_SECRET[\s\S]*LOG_LEVEL/);
});
