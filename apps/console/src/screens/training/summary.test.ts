import type { TrainingRun } from '@handover/client';
import { expect, test } from 'vitest';
import { byScenario, byTrainee, countsOf, rollOf } from './summary.ts';

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
  expect(countsOf(RUNS)).toEqual({ runs: 4, scenarios: 3, predicted: 3, right: 2, met: 3 });
  const handoverWasWrong = { ...RIGHT, expected: { status: 'transferred' }, met: false } as const;
  expect(countsOf([run('outage', handoverWasWrong)])).toMatchObject({ runs: 1, predicted: 0, right: 0 });
  expect(countsOf([])).toEqual({ runs: 0, scenarios: 0, predicted: 0, right: 0, met: 0 });
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
      ['Adam', 1, 1],
      ['Noa', 1, 2],
      [undefined, 1, 0],
    ],
  );
});

test('who of a roll has no run, each once, spelled as typed', () => {
  const { names, missing } = rollOf('Adam, Zoe,\n Noa , zoe, Zoe,,', byTrainee(RUNS));
  expect(names).toEqual(['Adam', 'Zoe', 'Noa', 'zoe']);
  expect(missing).toEqual(['Zoe', 'zoe']);
  expect(rollOf(' ,,', [])).toEqual({ names: [], missing: [] });
});
