import type { TrainingRun } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { Time } from '../../ui/time.tsx';
import { Paper } from './paper.tsx';
import { changed, type Search } from './search.ts';
import { byTrainee, countsOf } from './summary.ts';
import { outOf } from './trainee-result.tsx';

type Shown = { runs: TrainingRun[]; scenarios: string[] | undefined; search: Search };

/** The result of a class, or of all: a line for each trainee, which leads to their own result. */
export function ClassResult({ runs, scenarios, search }: Shown) {
  const counts = countsOf(runs);
  const trainees = byTrainee(runs);
  const { runsIn } = search;
  return (
    <Paper
      title={runsIn === undefined ? 'Training result of all' : <ClassTitle name={runsIn} />}
      search={search}
      facts={[
        ['Trainees', String(trainees.filter(({ trainee }) => trainee !== undefined).length)],
        ['Predictions right', outOf(counts.right, counts.predicted)],
        ['Runs', String(counts.runs)],
      ]}
    >
      <div className="table-frame">
        <table>
          <caption className="visually-hidden">A line for each trainee</caption>
          <thead>
            <tr>
              <th scope="col">Trainee</th>
              <th scope="col" className="number">
                Situations
              </th>
              <th scope="col" className="number">
                Predictions right
              </th>
              <th scope="col" className="number">
                Runs
              </th>
              <th scope="col">Last run</th>
            </tr>
          </thead>
          <tbody>
            {trainees.map(({ trainee, ...one }) => (
              <tr key={trainee ?? ''}>
                <td className="name">
                  {trainee === undefined ? (
                    <span className="soft">without a name</span>
                  ) : (
                    <Link to="/training" search={changed(search, { runsOf: trainee })}>
                      <bdi>{trainee}</bdi>
                    </Link>
                  )}
                </td>
                <td className="number">{outOf(one.scenarios, scenarios?.length)}</td>
                <td className="number">{outOf(one.right, one.predicted)}</td>
                <td className="number">{one.runs}</td>
                <td>
                  <Time at={one.last.at} form="day" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Paper>
  );
}

function ClassTitle({ name }: { name: string }) {
  return (
    <>
      Training result of the class <bdi>{name}</bdi>
    </>
  );
}
