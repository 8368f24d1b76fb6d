import type { TrainingRun } from '@handover/client';
import { expect, test } from 'vitest';
import { byScenario, byTrainee, countsOf, doneOf, notYet, rollOf } from './summary.ts';

const run = (scenario: string, more: Partial<TrainingRun> = {}): TrainingRun => ({
  ...{ id: scenario, at: '2026-11-28T03:13:38.490Z', by: 'school', scenario, transferType: 'blind' },
  ...{ hasFallback: true, ended: { status: 'transferred' }, met: true },
  ...more,
});
const RIGHT = { predicted: 'moved', predictionMet: true } as const;
const WRONG = { predicted: 'failed', predictionMet: false } as const;
const RUNS = [
  run('outage', { trainee: 'Noa', ...RIGHT }),
  run('outage', { trainee: 'Noa', ...WRONG }),
  run('plain', { trainee: 'Adam', ...RIGHT }),
  run('new-one', { met: false }),
];

test('runs are counted', () => {
  expect(countsOf(RUNS)).toEqual({
    ...{ runs: 4, scenarios: ['outage', 'plain'], predicted: 3, right: 2, met: 3 },
  });
  const handoverWasWrong = { ...RIGHT, expected: { status: 'transferred' }, met: false } as const;
  expect(countsOf([run('outage', handoverWasWrong)])).toMatchObject({ runs: 1, predicted: 0, right: 0 });
  expect(countsOf([])).toEqual({ runs: 0, scenarios: [], predicted: 0, right: 0, met: 0 });
});

test.each([
  ['only looked at', {}],
  ['without an outcome', { ...RIGHT, ended: null }],
  ['in which Handover was wrong', { ...RIGHT, expected: { status: 'transferred' }, met: false }],
] as const)('a run %s practises nothing', (_, more) => {
  expect(countsOf([run('outage', more)])).toMatchObject({ runs: 1, scenarios: [], predicted: 0 });
});

test('of the known scenarios some are not practised yet', () => {
  expect(notYet(['plain', 'gone'], ['plain', 'outage'])).toEqual(['outage']);
  expect(doneOf(['plain', 'gone'], ['plain', 'outage'])).toBe('1 of 2');
  expect(doneOf(['plain'], undefined)).toBe('1');
});

test('by scenario: in the known order, with the newest run of each', () => {
  const found = byScenario(RUNS, ['plain', 'outage', 'lost-answer']);
  expect(found.map(({ scenario, runs, right }) => [scenario, runs, right])).toEqual([
    ['plain', 1, 1],
    ['outage', 2, 1],
    ['new-one', 1, 0],
  ]);
  expect(found[1]?.last).toBe(RUNS[0]);
});

test('by trainee: by name, those without one last', () => {
  expect(byTrainee(RUNS).map(({ trainee, scenarios, predicted }) => [trainee, scenarios, predicted])).toEqual(
    [
      ['Adam', ['plain'], 1],
      ['Noa', ['outage'], 2],
      [undefined, [], 0],
    ],
  );
});

test('who of a roll has not practised, each once, spelled as typed first', () => {
  const { names, missing } = rollOf('Adam, Zoe,\n Noa , zoe, Zoe,,', byTrainee(RUNS));
  expect(names).toEqual(['Adam', 'Zoe', 'Noa']);
  expect(missing).toEqual(['Zoe']);
  expect(rollOf(' ,,', [])).toEqual({ names: [], missing: [] });
});

test('names on a roll are the same with other capitals and spaces; who only looked has not practised', () => {
  const runs = [run('plain', { trainee: ' mia ', ...RIGHT }), run('plain', { trainee: 'Tom' })];
  expect(rollOf('MIA, Tom', byTrainee(runs)).missing).toEqual(['Tom']);
});
