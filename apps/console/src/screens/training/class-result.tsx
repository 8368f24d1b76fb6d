import type { TrainingRun } from '@handover/client';
import { Link, useNavigate } from '@tanstack/react-router';
import { Form } from 'react-aria-components';
import { Button } from '../../ui/button.tsx';
import { TextEntry } from '../../ui/field.tsx';
import { Time } from '../../ui/time.tsx';
import { Paper } from './paper.tsx';
import { changed, type Search } from './search.ts';
import { byTrainee, countsOf, missingOf } from './summary.ts';
import { outOf } from './trainee-result.tsx';

type Shown = { runs: TrainingRun[]; scenarios: string[] | undefined; search: Search };

/** The result of a class, or of all: a line for each trainee, which leads to their own result. */
export function ClassResult({ runs, scenarios, search }: Shown) {
  const counts = countsOf(runs);
  const trainees = byTrainee(runs);
  const { runsIn, roll = '' } = search;
  const missing = missingOf(roll, trainees);
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
      <Roll key={roll} roll={roll} />
      {roll !== '' && (
        <p className={`note ${missing.length === 0 ? 'good' : 'waiting'}`} role="status">
          {missing.length === 0 ? (
            'Everybody on the list has practised.'
          ) : (
            <>
              <strong>Not practised yet: {missing.length}.</strong> <bdi>{missing.join(', ')}</bdi>
            </>
          )}
        </p>
      )}
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

/** The names that should be here, as the trainer has them. They stand in the URL, so the address can be kept. */
function Roll({ roll }: { roll: string }) {
  const navigate = useNavigate({ from: '/training' });
  return (
    <Form
      className="filters no-print"
      onSubmit={(event) => {
        event.preventDefault();
        const names = String(new FormData(event.currentTarget).get('roll') ?? '').trim();
        void navigate({ search: (before) => changed(before, { roll: names }), resetScroll: false });
      }}
    >
      <TextEntry
        label="Who should have practised? (names, separated by commas)"
        name="roll"
        defaultValue={roll}
        maxLength={2_000}
        dir="auto"
        autoComplete="off"
        placeholder="Mia, Tom, Zoe"
      />
      <Button type="submit">Who is missing?</Button>
    </Form>
  );
}

function ClassTitle({ name }: { name: string }) {
  return (
    <>
      Training result of the class <bdi>{name}</bdi>
    </>
  );
}
