import { expect, test } from 'vitest';
import { readScript, scriptArguments, scriptNames, scriptText } from './scripts.ts';

test.each(scriptNames)('%s gets what it uses, and uses what it gets', (name) => {
  const code = scriptText(name).replaceAll(/--.*/g, '');
  expect(code).not.toMatch(/\b(KEYS|ARGV|FIRST)\./);
  const places = (kind: string) =>
    new Set([...code.matchAll(new RegExp(`\\b${kind}\\[(\\d+)\\]`, 'g'))].map(([, place]) => Number(place)));
  const [keys, ...rest] = scriptArguments(name, { keys: {}, args: {}, entries: [] } as never);
  const args = rest.length - keys;
  for (const [kind, count] of [
    ['KEYS', keys],
    ['ARGV', args],
  ] as const)
    for (let place = 1; place <= count; place += 1)
      expect([...places(kind)], `${kind}[${place}] of ${name}`).toContain(place);
});

test('keys and arguments go in the order of the contract, entries last', () => {
  const keys = {
    record: 'r',
    timeline: 't',
    due: 'd',
    deadlines: 'l',
    dead: 'x',
    report: 'p',
    changed: 'c',
    audit: 'a',
    changes: 's',
    openIndex: 'o',
  };
  const indexes = { ofStatus: 'S', ofReason: 'R' };
  const args = {
    audit: 'w',
    entry: 'e',
    sweepAfterMs: 5,
    id: 'i',
    deadlineMs: 60_000,
    deadBy: 7,
    action: 'n',
    ...indexes,
  };
  expect(scriptArguments('transfers/replay', { keys, args })).toEqual([
    ...[10, 'r', 't', 'd', 'l', 'x', 'p', 'c', 'a', 's', 'o'],
    ...['i', 60_000, 5, 7, 'n', 'e', 'w', 'S', 'R'],
  ]);
  expect(readScript('transfers/replay')).toContain('KEYS.record');
});
