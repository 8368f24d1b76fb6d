import type { TrainingRun } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { Badge } from '../../ui/badge.tsx';
import { Time } from '../../ui/time.tsx';
import { Paper } from './paper.tsx';
import { type Search, whoOf } from './search.ts';
import { byScenario, countsOf, doneOf, type Practised } from './summary.ts';
import { handlingOf, predictionOf } from './verdict.ts';
import { endWords, predictionName, titleOf } from './words.ts';

type Shown = { runs: TrainingRun[]; scenarios: string[] | undefined; search: Search };

/** The result of one trainee: by scenario, with the latest run of each; those not practised yet are named too. */
export function TraineeResult({ runs, scenarios, search }: Shown) {
  const counts = countsOf(runs);
  const classes = [...new Set(runs.flatMap(({ class: group }) => group ?? []))];
  return (
    <Paper
      title={
        <>
          Training result of <bdi>{search.runsOf}</bdi>
        </>
      }
      search={search}
      hint="A situation is practised once a prediction of it counts, right or wrong. “Handover’s part” says whether the transfer ended as it should: a call that rightly stays where it is counts as well. Where it did not, the prediction does not count."
      facts={[
        ['Class', <bdi key="class">{classes.join(', ') || '–'}</bdi>],
        ['Situations practised', doneOf(counts.scenarios, scenarios)],
        ['Predictions right', rightWords(counts)],
        ['Runs in all', String(counts.runs)],
      ]}
    >
      <div className="table-frame">
        <table className="stacks">
          <caption className="visually-hidden">The latest run of each situation</caption>
          <thead>
            <tr>
              <th scope="col">Situation</th>
              <th scope="col" className="number">
                Runs
              </th>
              <th scope="col">Last predicted</th>
              <th scope="col">Ended</th>
              <th scope="col">Prediction</th>
              <th scope="col">Handover’s part</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {inOrder(runs, scenarios).map((one) =>
              typeof one === 'string' ? (
                <NotYet key={one} scenario={one} />
              ) : (
                <Row key={one.scenario} practised={one} search={search} />
              ),
            )}
          </tbody>
        </table>
      </div>
    </Paper>
  );
}

/** What was run of each known scenario, or its name alone; then those that are no longer known. */
function inOrder(runs: TrainingRun[], scenarios: string[] = []): (Practised | string)[] {
  const found = byScenario(runs, scenarios);
  const known = scenarios.map((name) => found.find(({ scenario }) => scenario === name) ?? name);
  return [...known, ...found.filter(({ scenario }) => !scenarios.includes(scenario))];
}

function NotYet({ scenario }: { scenario: string }) {
  return (
    <tr>
      <td data-name="Situation">{titleOf(scenario)}</td>
      <td className="number" data-name="Runs">
        0
      </td>
      <td colSpan={5}>not yet</td>
    </tr>
  );
}

function Row({
  practised: { scenario, runs, predicted, last },
  search,
}: {
  practised: Practised;
  search: Search;
}) {
  const prediction = predictionOf(last);
  const handled = handlingOf(last);
  return (
    <tr>
      <td data-name="Situation">
        <Link to="/training/runs/$id" params={{ id: last.id }} search={whoOf(search)}>
          {titleOf(scenario)}
        </Link>
        {predicted === 0 && <span className="small cell-more">not yet: no prediction that counts</span>}
      </td>
      <td className="number" data-name="Runs">
        {runs}
      </td>
      <td data-name="Last predicted">
        {last.predicted === undefined ? '–' : predictionName(last.predicted)}
      </td>
      <td data-name="Ended">{last.ended === null ? 'No outcome' : endWords(last.ended)}</td>
      <td data-name="Prediction">
        <Badge tone={prediction.tone}>{prediction.badge}</Badge>
      </td>
      <td data-name="Handover’s part">
        <Badge tone={handled.tone}>{handled.badge}</Badge>
      </td>
      <td data-name="When">
        <Time at={last.at} form="day" />
      </td>
    </tr>
  );
}

/** `in 6 of 9 runs`: a situation may be run several times. */
export function rightWords({ right, predicted }: { right: number; predicted: number }): string {
  if (predicted === 0) return '–';
  return `in ${right} of ${predicted} ${predicted === 1 ? 'run' : 'runs'}`;
}
