import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { apiKeys } from './api-keys.ts';

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');

test('keys have names, roles and only the hash of the key', () => {
  const hash = sha256('the third key').toUpperCase();
  expect(apiKeys.parse(`crm=first-key, bi:read+submit+read=second=key:1 ,c:admin=sha256:${hash}`)).toEqual([
    { name: 'crm', roles: [], digest: sha256('first-key') },
    { name: 'bi', roles: ['read', 'submit'], digest: sha256('second=key:1') },
    { name: 'c', roles: ['admin'], digest: sha256('the third key') },
  ]);
});

test('a name has several keys while they are rotated', () => {
  const names = apiKeys
    .parse('a:read+train=12345678,a:train+read=87654321,b=12344321')
    .map(({ name }) => name);
  expect(names).toEqual(['a', 'a', 'b']);
});

test('two names without roles may share a key, as before there were roles', () => {
  expect(apiKeys.parse('a=12345678,b=12345678')).toHaveLength(2);
});

test.each(['hush-hush-key', 'a:hush-hush', 'a:hush-hush=12345678', 'a=sha256:hush-hush'])(
  'the message about %j does not show it',
  (value) => {
    const { error } = apiKeys.safeParse(value);
    expect(error?.issues.map(({ message }) => message).join()).toMatch(/^(must|contains)/);
    expect(JSON.stringify(error?.issues.map(({ message }) => message))).not.toContain('hush');
  },
);
