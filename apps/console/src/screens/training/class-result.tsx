import type { TrainingRun } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { Time } from '../../ui/time.tsx';
import { Paper } from './paper.tsx';
import { MissingNames, type Roll } from './roll.tsx';
import { changed, type Search } from './search.ts';
import { byTrainee, countsOf, doneOf, notYet } from './summary.ts';
import { rightWords } from './trainee-result.tsx';
import { titleOf } from './words.ts';

type Shown = { runs: TrainingRun[]; scenarios: string[] | undefined; roll: Roll; search: Search };

/** The result of a class, or of all: a line for each trainee, which leads to their own result. */
export function ClassResult({ runs, scenarios, roll, search }: Shown) {
  const counts = countsOf(runs);
  const trainees = byTrainee(runs);
  const { runsIn } = search;
  return (
    <Paper
      title={runsIn === undefined ? 'Training result of all' : <ClassTitle name={runsIn} />}
      search={search}
      hint="A situation is practised once a prediction of it counts, right or wrong."
      facts={[
        ['Trainees', String(trainees.filter(({ trainee }) => trainee !== undefined).length)],
        ['Predictions right', rightWords(counts)],
        ['Runs in all', String(counts.runs)],
      ]}
    >
      <div className="table-frame">
        <table className="stacks">
          <caption className="visually-hidden">A line for each trainee</caption>
          <thead>
            <tr>
              <th scope="col">Trainee</th>
              <th scope="col" className="number">
                Situations
              </th>
              <th scope="col">Missing</th>
              <th scope="col">Predictions right</th>
              <th scope="col" className="number">
                Runs
              </th>
              <th scope="col">Last run</th>
            </tr>
          </thead>
          <tbody>
            {trainees.map(({ trainee, ...one }) => (
              <tr key={trainee ?? ''}>
                <td className="name" data-name="Trainee">
                  {trainee === undefined ? (
                    <span className="soft">without a name</span>
                  ) : (
                    <Link to="/training" search={changed(search, { runsOf: trainee })}>
                      <bdi>{trainee}</bdi>
                    </Link>
                  )}
                </td>
                <td className="number" data-name="Situations">
                  {doneOf(one.scenarios, scenarios)}
                </td>
                <td data-name="Missing">{notYetWords(one.scenarios, scenarios)}</td>
                <td data-name="Predictions right">{rightWords(one)}</td>
                <td className="number" data-name="Runs">
                  {one.runs}
                </td>
                <td data-name="Last run">
                  <Time at={one.last.at} form="day" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {roll.names.length > 0 && (
        <p className="only-print">
          <MissingNames roll={roll} />
        </p>
      )}
    </Paper>
  );
}

/** `An outage, A lost answer`; or all of them, or none. */
function notYetWords(practised: string[], known: string[] | undefined): string {
  if (known === undefined) return '–';
  const names = notYet(practised, known).map(titleOf);
  if (names.length === 0) return 'none';
  return names.length === known.length ? 'all' : names.join(', ');
}

function ClassTitle({ name }: { name: string }) {
  return (
    <>
      Training result of the class <bdi>{name}</bdi>
    </>
  );
}
