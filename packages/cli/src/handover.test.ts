import { expect, test } from 'vitest';
// The commands are loaded when they run: here, outside the time limit of a test.
import './billing/export.ts';
import './doctor/doctor.ts';
import './explain/command.ts';
import './transfers/watch.ts';
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
  expect(out).toMatch(/^ {2}doctor {4}checks a configuration/m);
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

const COMMANDS = [
  ...['submit', 'watch', 'list', 'explain', 'cancel', 'replay', 'resolve', 'simulate', 'export', 'status'],
];

test.each(COMMANDS)('handover %s --help has an example', async (name) => {
  const { code, out } = await run(name, '--help');
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^Usage: handover ${name}`));
  expect(out).toMatch(/\n\nExample, after npm start(: .*)?[:.]\n\n {2}handover /);
  for (const line of out?.split('\n') ?? []) expect(line.length).toBeLessThan(135);
});

test.each([
  [['nonsense'], 'There is no command "nonsense".'],
  [['lits'], 'There is no command "lits". Did you mean list?'],
  [['list', '--stauts', 'failed'], 'Did you mean --status?'],
  [['list', '--all', '--limit', '3'], '--limit and --all exclude each other'],
  [['explain', 'a', '--json', '--text'], '--json and --text exclude each other'],
  [['resolve', 'a', '--moved', '--not-moved', '--because', 'b'], 'either --moved or --not-moved'],
  [['export', '--month', '2026-13'], '--month must be a month'],
  [['export'], '--month is missing'],
  [['toString'], 'There is no command "toString".'],
  [['doctor', '--nonsense'], "Unknown option '--nonsense'"],
  [['doctor', 'queue'], "Unexpected argument 'queue'"],
  [['doctor', '--queue'], 'argument missing'],
])('handover %j is wrong usage', async (args, words) => {
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(words);
});
