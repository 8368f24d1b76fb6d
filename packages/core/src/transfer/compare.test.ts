import { expect, test } from 'vitest';
import { sameTarget } from './compare.ts';
import type { Target } from './request.ts';

const contact: Target = { type: 'externalContact', id: 'k', phoneType: 'WorkPhone' };
const group: Target = { type: 'skillGroup', id: 'q', skills: ['a', 'b'] };

test.each<[Target, Target, boolean]>([
  [{ type: 'queue', id: 'q' }, { type: 'queue', id: 'q' }, true],
  [{ type: 'queue', id: 'q' }, { type: 'skillGroup', id: 'q' }, false],
  [{ type: 'queue', id: 'q' }, { type: 'queue', id: 'r' }, false],
  [contact, { ...contact }, true],
  [contact, { ...contact, phoneType: 'CellPhone' }, false],
  [group, { ...group, skills: ['b', 'a'] }, true],
  [group, { ...group, skills: ['a'] }, false],
  [group, { ...group, skills: ['a', 'c'] }, false],
  [group, { type: 'skillGroup', id: 'q' }, false],
])('%j and %j are the same target: %s', (one, other, same) => {
  expect(sameTarget(one, other)).toBe(same);
  expect(sameTarget(other, one)).toBe(same);
});
