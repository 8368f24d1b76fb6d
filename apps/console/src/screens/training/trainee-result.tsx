import type { TrainingRun } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { Badge } from '../../ui/badge.tsx';
import { Time } from '../../ui/time.tsx';
import { Paper } from './paper.tsx';
import { type Search, whoOf } from './search.ts';
import { byScenario, countsOf } from './summary.ts';
import { handlingOf, predictionOf } from './verdict.ts';
import { endWords, predictionName, titleOf } from './words.ts';

type Shown = { runs: TrainingRun[]; scenarios: string[] | undefined; search: Search };

/** The result of one trainee: by scenario, with the latest run of each. */
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
      hint="“Handover’s part” says whether the transfer ended as it should: a call that rightly stays where it is counts as well. Where it did not, the prediction does not count."
      facts={[
        ['Class', <bdi key="class">{classes.join(', ') || '–'}</bdi>],
        ['Situations practised', outOf(counts.scenarios, scenarios?.length)],
        ['Predictions right', outOf(counts.right, counts.predicted)],
        ['Runs', String(counts.runs)],
      ]}
    >
      <div className="table-frame">
        <table>
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
            {byScenario(runs, scenarios).map(({ scenario, runs: count, last }) => (
              <tr key={scenario}>
                <td>
                  <Link to="/training/runs/$id" params={{ id: last.id }} search={whoOf(search)}>
                    {titleOf(scenario)}
                  </Link>
                </td>
                <td className="number">{count}</td>
                <td>{last.predicted === undefined ? '–' : predictionName(last.predicted)}</td>
                <td>{last.ended === null ? 'No outcome' : endWords(last.ended)}</td>
                <td>
                  <Badge tone={predictionOf(last).tone}>{predictionOf(last).badge}</Badge>
                </td>
                <td>
                  <Badge tone={handlingOf(last).tone}>{handlingOf(last).badge}</Badge>
                </td>
                <td>
                  <Time at={last.at} form="day" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Paper>
  );
}

/** `4 of 9`; the whole is left out where it is not known. */
export function outOf(part: number, whole: number | undefined): string {
  return whole === undefined ? String(part) : `${part} of ${whole}`;
}
