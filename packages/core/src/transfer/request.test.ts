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
    [
      'a contact, by one of its phones',
      { target: { type: 'externalContact', id: 'x', phoneType: 'CellPhone' } },
    ],
    ['a number', { target: { type: 'address', id: '+4930123456' }, mode: 'attended', from: 'queue' }],
    ['a skill group with skills', { target: { type: 'skillGroup', id: 'x', skills: ['a', 'b'] } }],
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
    ['a target of an unknown type', { target: { type: 'robot', id: 'x' } }, 'target.type'],
    ['a contact without a phone', { target: { type: 'externalContact', id: 'x' } }, 'target.phoneType'],
    [
      'an unknown phone',
      { target: { type: 'externalContact', id: 'x', phoneType: 'Fax' } },
      'target.phoneType',
    ],
    [
      'a queue with a phone',
      { target: { type: 'queue', id: 'x', phoneType: 'CellPhone' } },
      'target.phoneType',
    ],
    ['a queue with skills', { fallback: { type: 'queue', id: 'x', skills: ['s'] } }, 'fallback.skills'],
    ['no skill in a skill group', { target: { type: 'skillGroup', id: 'x', skills: [] } }, 'target.skills'],
    [
      '21 skills',
      { target: { type: 'skillGroup', id: 'x', skills: Array.from({ length: 21 }, (_, n) => `s${n}`) } },
      'target.skills',
    ],
    ['a skill twice', { target: { type: 'skillGroup', id: 'x', skills: ['s', 's'] } }, 'target.skills'],
    ['an empty skill', { target: { type: 'skillGroup', id: 'x', skills: [''] } }, 'target.skills.0'],
    ['an unknown mode', { mode: 'warm' }, 'mode'],
    ['an unknown source', { from: 'ivr' }, 'from'],
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
    expect(toRequest({ ...full, ...times })).toEqual({
      ok: true,
      request: { ...full, notBefore: NOW + MINUTE, expiresAt: NOW + 5 * MINUTE },
    });
  });

  test.each<[string, Partial<TransferBody>]>([
    ['no times', {}],
    ['a start just before the deadline', { notBefore: at(DAY - 1), expiresAt: at(DAY) }],
    ['times that only Redis can judge', { notBefore: at(-DAY), expiresAt: at(900 * DAY) }],
  ])('may have %s', (_, times) => {
    expect(toRequest({ ...body, ...times })).toMatchObject({ ok: true });
  });

  test.each(['notBefore', 'expiresAt'] as const)('that names no %s has none', (left) => {
    const times = { notBefore: at(MINUTE), expiresAt: at(DAY), [left]: undefined };
    const read = { notBefore: NOW + MINUTE, expiresAt: NOW + DAY, [left]: undefined };
    expect(toRequest({ ...body, ...times })).toEqual({ ok: true, request: { ...body, ...read } });
  });

  test.each([0, 1, DAY])('may not start %i ms after its deadline', (ms) => {
    expect(toRequest({ ...body, notBefore: at(DAY + ms), expiresAt: at(DAY) })).toEqual({
      ok: false,
      errors: [{ field: 'notBefore', message: 'is not before expiresAt' }],
    });
  });
});
