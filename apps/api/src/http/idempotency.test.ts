import { describe, expect, test } from 'vitest';
import { fingerprint, parseIdempotencyKey, UnreadableBody } from './idempotency.ts';

describe('the Idempotency-Key', () => {
  test.each([
    ['8e03978e-40d5', '8e03978e-40d5'],
    ['"8e03978e-40d5"', '8e03978e-40d5'],
    ['  "a b" ', 'a b'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['a, b', 'a, b'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ])('%j is %j', (header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  test('is absent where there is none', () => {
    expect(parseIdempotencyKey(undefined)).toBeUndefined();
  });

  test.each(['', '""', '"', '"a', '"a"b', '"a\\n"', 'a\tb', 'é', 'x'.repeat(256)])(
    '%j is refused',
    (header) => {
      expect(() => parseIdempotencyKey(header)).toThrow(/1 to 255 printable/);
    },
  );
});

describe('the fingerprint of a body', () => {
  test.each([
    [
      { a: 1, b: { c: [1, 2], d: null } },
      { b: { d: null, c: [1, 2] }, a: 1 },
    ],
    [undefined, undefined],
    [new UnreadableBody('{', new Error()), new UnreadableBody('{', new Error())],
  ])('%j and %j are the same', (one, other) => {
    expect(fingerprint(one)).toBe(fingerprint(other));
  });

  test.each([
    [{ a: 1 }, { a: '1' }],
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: 1 }, { a: 1, b: undefined, c: null }],
    [null, undefined],
    [{}, []],
    ['{', new UnreadableBody('{', new Error())],
  ])('%j and %j are not', (one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });
});
