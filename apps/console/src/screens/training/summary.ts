import type { TrainingRun } from '@handover/client';
import { isCounted } from './verdict.ts';

/** What was done of one scenario. `last`: the newest run. */
export type Practised = {
  scenario: string;
  runs: number;
  predicted: number;
  right: number;
  last: TrainingRun;
};

/** What one trainee did. `trainee`: undefined for runs without a name. `scenarios`: those practised. */
export type Trainee = {
  trainee: string | undefined;
  runs: number;
  scenarios: string[];
  predicted: number;
  right: number;
  last: TrainingRun;
};

/** The counts of some runs. `scenarios`: those practised, which takes a prediction that counts. Pure. */
export function countsOf(runs: TrainingRun[]) {
  const counted = runs.filter(isCounted);
  return {
    runs: runs.length,
    scenarios: [...new Set(counted.map(({ scenario }) => scenario))],
    predicted: counted.length,
    right: counted.filter(({ predictionMet }) => predictionMet === true).length,
    met: runs.filter(({ met }) => met).length,
  };
}

/** The runs, newest first, by scenario: in the given order, then in that of the latest run. Pure. */
export function byScenario(runs: TrainingRun[], order: string[] = []): Practised[] {
  const rank = ({ scenario }: Practised) =>
    order.includes(scenario) ? order.indexOf(scenario) : order.length;
  return grouped(runs, ({ scenario }) => scenario)
    .map(({ of, last }) => {
      const { runs: count, predicted, right } = countsOf(of);
      return { scenario: last.scenario, runs: count, predicted, right, last };
    })
    .sort((a, b) => rank(a) - rank(b));
}

/** The runs, newest first, by trainee, in the order of their names; those without a name last. Pure. */
export function byTrainee(runs: TrainingRun[]): Trainee[] {
  return grouped(runs, ({ trainee }) => trainee)
    .map(({ of, last }) => {
      const { met: _, ...counts } = countsOf(of);
      return { trainee: last.trainee, ...counts, last };
    })
    .sort((a, b) => compareNames(a.trainee, b.trainee));
}

/** Of the known scenarios, those that are not among the practised ones. Pure. */
export function notYet(practised: string[], known: string[]): string[] {
  return known.filter((scenario) => !practised.includes(scenario));
}

/** How many of the known scenarios are practised: `4 of 9`; without the whole where it is not known. Pure. */
export function doneOf(practised: string[], known: string[] | undefined): string {
  if (known === undefined) return String(practised.length);
  return `${known.length - notYet(practised, known).length} of ${known.length}`;
}

/**
 * The names of a roll, and those of them that have practised none of these scenarios. Capitals, and spaces around a name, make no
 * difference. Pure.
 * @param roll names as a trainer types them, separated by commas or line ends
 */
export function rollOf(roll: string, trainees: Pick<Trainee, 'trainee' | 'scenarios'>[]) {
  const practised = new Set(
    trainees.flatMap(({ trainee, scenarios }) => (scenarios.length > 0 ? [sameName(trainee ?? '')] : [])),
  );
  const names = new Map<string, string>();
  for (const name of roll.split(/[,\n]/)) {
    const key = sameName(name);
    if (key !== '' && !names.has(key)) names.set(key, name.trim());
  }
  return {
    names: [...names.values()],
    missing: [...names].flatMap(([key, name]) => (practised.has(key) ? [] : [name])),
  };
}

function sameName(name: string): string {
  return name.normalize().trim().toLowerCase();
}

function compareNames(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a.localeCompare(b);
}

function grouped<Key>(runs: TrainingRun[], keyOf: (run: TrainingRun) => Key) {
  const groups = new Map<Key, { of: TrainingRun[]; last: TrainingRun }>();
  for (const run of runs) {
    const group = groups.get(keyOf(run));
    if (group === undefined) groups.set(keyOf(run), { of: [run], last: run });
    else group.of.push(run);
  }
  return [...groups.values()];
}
