import { expect, test } from 'vitest';
// The commands are loaded when they run: here, outside the time limit of a test.
import './doctor/doctor.ts';
import { handover } from './handover.ts';

async function run(...args: string[]) {
  const [out, err]: string[][] = [[], []];
  const code = await handover(args, {
    env: {},
    out: (text) => void out?.push(text),
    err: (text) => void err?.push(text),
  });
  return { code, out: out?.join(''), err: err?.join('') };
}

test.each([[['--help']], [[]], [['help']]])('handover %j lists the commands', async (args) => {
  const { code, out } = await run(...args);
  expect(code).toBe(0);
  expect(out).toMatch(/^ {2}doctor {2}checks a configuration/m);
});

test('handover --version is that of the package', async () => {
  expect(await run('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test('handover doctor --help shows its options', async () => {
  const { code, out } = await run('doctor', '--help');
  expect(code).toBe(0);
  for (const option of ['--queue <id>', '--agent <id>', '--call <id>', '--json'])
    expect(out).toContain(option);
});

test.each([
  [['nonsense'], 'There is no command "nonsense".'],
  [['toString'], 'There is no command "toString".'],
  [['doctor', '--nonsense'], "Unknown option '--nonsense'"],
  [['doctor', 'queue'], "Unexpected argument 'queue'"],
  [['doctor', '--queue'], 'argument missing'],
])('handover %j is wrong usage', async (args, words) => {
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(words);
});
