import { expect, test } from 'vitest';
import { hideSecrets } from './secrets.ts';

test.each([
  [{ GENESYS_CLIENT_SECRET: 'hush-hush' }, 'the secret hush-hush', 'the secret …'],
  [{ API_KEYS: 'crm=hush-hush,dialler=hush-too' }, 'hush-hush and hush-too of crm', '… and … of crm'],
  [
    { REDIS_URL: 'redis://user:h%40sh-hush@host:1' },
    'user h@sh-hush at host, h%40sh-hush',
    'user … at host, …',
  ],
  [
    { WEBHOOK_CALLBACK_URL: 'https://a.org/b?token=hush-hush' },
    'https://a.org/b?token=hush-hush',
    'https://a.org/b?token=…',
  ],
  [{ WEBHOOK_SECRET: 'hush-1234567890ab,hush-1234567890abcd' }, 'hush-1234567890abcd', '…'],
  [{ GENESYS_CLIENT_ID: 'the-client' }, 'the-client', 'the-client'],
])('of %j', (env, text, shown) => {
  expect(hideSecrets(env)(text)).toBe(shown);
});
