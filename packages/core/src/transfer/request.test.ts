import { describe, expect, test } from 'vitest';
import { Id, TransferBody, toRequest } from './request.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const at = (ms: number) => new Date(NOW + ms).toISOString();
const body: TransferBody = {
  callId: 'call-1',
  userId: 'agent-1',
  transferType: 'blind',
  target: { type: 'queue', id: 'support' },
};

describe('an id', () => {
  test.each([
    ['one character', 'a'],
    ['200 characters', 'x'.repeat(200)],
    ['a path that climbs', '../x'],
    ['three dots', '...'],
    ['slashes, percent signs, a query', 'a/b%2F?c#d'],
    ['spaces', ' a b '],
    ['letters of any script', 'żółw 转接 🎧'],
    ['a colon', 'a:b'],
  ])('may be %s', (_, id) => {
    expect(Id.safeParse(id)).toEqual({ success: true, data: id });
  });

  test.each([
    ['empty', ''],
    ['201 characters long', 'x'.repeat(201)],
    ['a dot', '.'],
    ['two dots', '..'],
    ['with a line feed', 'a\nb'],
    ['with a null', 'a\u0000'],
    ['with a delete', 'a\u007f'],
    ['with a control character of Latin-1', 'a\u0085b'],
    ['with half a surrogate pair at its end', 'a\ud83c'],
    ['with half a surrogate pair at its start', '\udfa7a'],
    ['a number', 7],
    ['null', null],
  ])('may not be %s', (_, id) => {
    expect(Id.safeParse(id).success).toBe(false);
  });
});

const many = (entries: number) =>
  Object.fromEntries(Array.from({ length: entries }, (_, index) => [`k${index}`, 'v']));

describe('a body', () => {
  test.each<[string, object]>([
    ['everything that is optional', { fallback: { type: 'user', id: 'u' }, wrapUpCodeId: 'w', priority: 9 }],
    ['a consult to a skill group', { transferType: 'consult', target: { type: 'skillGroup', id: 's' } }],
    ['priority 0', { priority: 0 }],
    ['20 entries of metadata', { metadata: many(20) }],
    ['metadata at its longest', { metadata: { ['k'.repeat(100)]: 'v'.repeat(500) } }],
    ['a time with an offset', { notBefore: '2026-11-22T12:00:00+02:00' }],
  ])('may have %s', (_, change) => {
    expect(TransferBody.safeParse({ ...body, ...change }).success).toBe(true);
  });

  test.each<[string, object, string]>([
    ['no call', { callId: undefined }, 'callId'],
    ['no agent', { userId: undefined }, 'userId'],
    ['no type', { transferType: undefined }, 'transferType'],
    ['an unknown type', { transferType: 'warm' }, 'transferType'],
    ['no target', { target: undefined }, 'target'],
    ['a target without a type', { target: { id: 'x' } }, 'target.type'],
    ['a target of a type of the Platform API', { target: { type: 'address', id: 'x' } }, 'target.type'],
    ['a target with an id of two dots', { target: { type: 'queue', id: '..' } }, 'target.id'],
    ['a target with a field too many', { target: { type: 'queue', id: 'x', name: 'y' } }, 'target'],
    ['a fallback without an id', { fallback: { type: 'queue' } }, 'fallback.id'],
    ['an empty wrap-up code', { wrapUpCodeId: '' }, 'wrapUpCodeId'],
    ['priority 10', { priority: 10 }, 'priority'],
    ['priority -1', { priority: -1 }, 'priority'],
    ['priority 1.5', { priority: 1.5 }, 'priority'],
    ['a time without an offset', { notBefore: '2026-11-22T10:00:00' }, 'notBefore'],
    ['a date for a time', { expiresAt: '2026-11-22' }, 'expiresAt'],
    ['a day that does not exist', { expiresAt: '2026-02-30T10:00:00Z' }, 'expiresAt'],
    ['milliseconds for a time', { expiresAt: NOW }, 'expiresAt'],
    ['21 entries of metadata', { metadata: many(21) }, 'metadata'],
    ['metadata that is no text', { metadata: { k: 1 } }, 'metadata.k'],
    ['metadata too long', { metadata: { k: 'v'.repeat(501) } }, 'metadata.k'],
    ['a key of metadata too long', { metadata: { ['k'.repeat(101)]: 'v' } }, `metadata.${'k'.repeat(101)}`],
    ['a list as metadata', { metadata: ['a'] }, 'metadata'],
    ['an unknown field', { calId: 'x' }, ''],
  ])('may not have %s', (_, change, path) => {
    const parsed = TransferBody.safeParse({ ...body, ...change });
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});

describe('a request', () => {
  test('carries everything on, its times as epoch milliseconds', () => {
    const full = { ...body, priority: 3, metadata: { ticket: '7' }, wrapUpCodeId: 'w' };
    const times = { notBefore: '2026-11-22T12:01:00+02:00', expiresAt: at(5 * MINUTE) };
    expect(toRequest({ ...full, ...times }, NOW)).toEqual({
      ok: true,
      request: { ...full, notBefore: NOW + MINUTE, expiresAt: NOW + 5 * MINUTE },
    });
  });

  test.each<[string, Partial<TransferBody>]>([
    ['no times', {}],
    ['a start a moment ago, for clocks differ', { notBefore: at(-MINUTE) }],
    ['a start in 30 days', { notBefore: at(30 * DAY) }],
    ['a deadline in a millisecond', { expiresAt: at(1) }],
    ['a deadline in 30 days', { expiresAt: at(30 * DAY) }],
    ['a start just before the deadline', { notBefore: at(DAY - 1), expiresAt: at(DAY) }],
  ])('may have %s', (_, times) => {
    expect(toRequest({ ...body, ...times }, NOW)).toMatchObject({ ok: true });
  });

  test.each<[string, Partial<TransferBody>, string[]]>([
    ['a start long ago', { notBefore: at(-MINUTE - 1) }, ['notBefore is in the past']],
    ['a deadline that is now', { expiresAt: at(0) }, ['expiresAt is in the past']],
    ['a deadline in the past', { expiresAt: at(-1) }, ['expiresAt is in the past']],
    ['a start too far ahead', { notBefore: at(30 * DAY + 1) }, ['notBefore is more than 30 days ahead']],
    ['a deadline too far ahead', { expiresAt: at(30 * DAY + 1) }, ['expiresAt is more than 30 days ahead']],
    [
      'a start at its deadline',
      { notBefore: at(DAY), expiresAt: at(DAY) },
      ['notBefore is not before expiresAt'],
    ],
    [
      'both wrong: both are named',
      { notBefore: at(-DAY), expiresAt: at(-1) },
      ['notBefore is in the past', 'expiresAt is in the past'],
    ],
  ])('may not have %s', (_, times, expected) => {
    const made = toRequest({ ...body, ...times }, NOW);
    expect(made.ok ? [] : made.errors.map(({ field, message }) => `${field} ${message}`)).toEqual(expected);
  });
});
