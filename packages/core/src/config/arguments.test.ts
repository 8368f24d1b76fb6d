import { expect, test } from 'vitest';
import { answerArguments } from './arguments.ts';
import { fields } from './schema.ts';
import { version } from './version.ts';

test('without arguments the process runs', () => {
  expect(answerArguments('api', [])).toBeUndefined();
});

test.each(['--version', '-v'])('%s prints the version', (option) => {
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  expect(answerArguments('worker', [option])).toEqual({ text: `${version}\n`, isError: false });
});

test.each(['--help', '-h'])('%s lists every variable', (option) => {
  const { text, isError } = answerArguments('worker', [option]) ?? {};
  expect(isError).toBe(false);
  for (const name of Object.keys(fields)) expect(text).toMatch(new RegExp(`^  ${name}(=|$)`, 'm'));
  expect(text).not.toMatch(/`|\]\(/);
});

test.each([[['--port=1']], [['start']], [['--help', 'me']], [['']]])('%j is refused', (given) => {
  const told = answerArguments('api', given);
  expect(told?.isError).toBe(true);
  expect(told?.text).toContain('environment variables');
});
