import { expect, it } from 'vitest';
import { actorWords, cutAtTimes } from './words.ts';

it('finds the times in a text', () => {
  expect(cutAtTimes('delayed until 2026-11-20T10:00:00.123Z')).toEqual([
    'delayed until ',
    '2026-11-20T10:00:00.123Z',
    '',
  ]);
  expect(cutAtTimes('before 2026-11-20 10:00:00 UTC.')).toEqual(['before ', '2026-11-20T10:00:00Z', '.']);
  expect(cutAtTimes('plain')).toEqual(['plain']);
});

it('names who did it', () => {
  expect(actorWords('apiKey:crm')).toBe('API key crm');
  expect(actorWords('other:a:b')).toBe('other a:b');
});
