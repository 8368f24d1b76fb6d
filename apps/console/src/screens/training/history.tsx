import type { TrainingRun } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { wordsOf } from '../../api.ts';
import { useSession } from '../../session.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Empty } from '../../ui/empty.tsx';
import { isReversed } from '../../ui/reversed.ts';
import { Time } from '../../ui/time.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { Filters } from './filters.tsx';
import { useRunPage } from './queries.ts';
import { changed, type Search, whoOf } from './search.ts';
import { handlingOf, predictionOf } from './verdict.ts';
import { endWords, predictionName, titleOf } from './words.ts';

/** Who ran what, what they predicted, and how it ended; newest first, in pages. */
export function History({ search }: { search: Search }) {
  const { data, error, isPending, refetch } = useRunPage(search);
  if (isReversed(search.from, search.to)) return <Filters search={search} />;
  return (
    <>
      <Filters search={search} />
      {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {isPending && <p className="loading">Loading the runs …</p>}
      {data?.items.length === 0 && <NoRuns search={search} />}
      {data !== undefined && data.items.length > 0 && <Runs runs={data.items} search={search} />}
      <nav className="row" aria-label="Pages">
        {search.cursor !== undefined && (
          <Link className="button" to="/training" search={changed(search, { cursor: undefined })}>
            Newest runs
          </Link>
        )}
        {data != null && data.next !== null && (
          <Link className="button" to="/training" search={changed(search, { cursor: data.next })}>
            Older runs
          </Link>
        )}
      </nav>
    </>
  );
}

function Runs({ runs, search }: { runs: TrainingRun[]; search: Search }) {
  return (
    <section className="card flush" aria-label="Runs, newest first">
      <table className="stacks">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Trainee</th>
            <th scope="col">Class</th>
            <th scope="col">Situation</th>
            <th scope="col">Predicted</th>
            <th scope="col">Ended</th>
            <th scope="col">Prediction</th>
            <th scope="col">Handover’s part</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.id} run={run} search={search} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ run, search }: { run: TrainingRun; search: Search }) {
  const { id, at, trainee, scenario, hasFallback, predicted, ended } = run;
  const handled = handlingOf(run);
  const prediction = predictionOf(run);
  return (
    <tr>
      <td data-name="When">
        <Time at={at} form="day" />
      </td>
      <td className="name" data-name="Trainee">
        <Only name="runsOf" value={trainee} search={search} />
      </td>
      <td className="name" data-name="Class">
        <Only name="runsIn" value={run.class} search={search} />
      </td>
      <td data-name="Situation">
        <Link to="/training/runs/$id" params={{ id }} search={whoOf(search)}>
          {titleOf(scenario)}
        </Link>
        <span className="small soft cell-more">{hasFallback ? 'with a fallback' : 'no fallback'}</span>
      </td>
      <td data-name="Predicted">{predicted === undefined ? '–' : predictionName(predicted)}</td>
      <td data-name="Ended">{ended === null ? 'No outcome' : endWords(ended)}</td>
      <td data-name="Prediction">
        <Badge tone={prediction.tone}>{prediction.badge}</Badge>
      </td>
      <td data-name="Handover’s part">
        <Badge tone={handled.tone}>{handled.badge}</Badge>
      </td>
    </tr>
  );
}

/** A name that narrows the list to itself. */
function Only({
  name,
  value,
  search,
}: {
  name: 'runsOf' | 'runsIn';
  value: string | undefined;
  search: Search;
}) {
  if (value === undefined) return '–';
  if (search[name] === value) return <bdi>{value}</bdi>;
  return (
    <Link to="/training" search={changed(search, { [name]: value, cursor: undefined })}>
      <bdi>{value}</bdi>
    </Link>
  );
}

/** Nothing is listed: why, and what to do about it. */
export function NoRuns({ search }: { search: Search }) {
  const { may } = useSession();
  const { runsOf, runsIn, from, to } = search;
  const isFiltered = [runsOf, runsIn, from, to].some((value) => value !== undefined);
  return (
    <Empty title={isFiltered ? 'No such run' : 'No run yet'}>
      <p>
        {isFiltered
          ? 'Nobody practised that, or names are written differently: they must match exactly.'
          : 'Each scenario that somebody runs is kept here for 400 days: who, what they predicted, and how it ended.'}
      </p>
      {may('train') && (
        <p>
          <Link to="/training" search={whoOf(search)}>
            Practise a situation
          </Link>
        </p>
      )}
    </Empty>
  );
}
