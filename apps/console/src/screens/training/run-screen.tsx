import type { TrainingRunTold } from '@handover/client';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { wordsOf } from '../../api.ts';
import { useSession } from '../../session.tsx';
import { useTitle } from '../../shell/frame.tsx';
import { Time } from '../../ui/time.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { Player } from './player.tsx';
import { useRun, useScenarios } from './queries.ts';
import { changed, type Search, whoOf } from './search.ts';
import { VerdictShown } from './verdict-shown.tsx';
import { predictionName, situationOf, titleOf } from './words.ts';
import './training.css';

/** A run: step by step, and what came of it. A fresh one shows its result after its last step. */
export function Screen() {
  const { id } = useParams({ from: '/training/runs/$id' });
  const search = useSearch({ from: '/training/runs/$id' });
  const { data: run, error, isPending, refetch } = useRun(id);
  const title = run === undefined ? 'Training run' : titleOf(run.scenario);
  useTitle(title);
  return (
    <div className="page training">
      <p className="no-print">
        <Link to="/training" search={whoOf(search)}>
          ← Training
        </Link>
      </p>
      {run === undefined && <h1>{title}</h1>}
      {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {isPending && <p className="loading">Loading the run …</p>}
      {run !== undefined && <Run key={run.id} run={run} search={search} />}
    </div>
  );
}

function Run({ run, search }: { run: TrainingRunTold; search: Search }) {
  const navigate = useNavigate({ from: '/training/runs/$id' });
  const scenarios = useScenarios();
  const told = scenarios.data?.items.find(({ scenario }) => scenario === run.scenario);
  const isFresh = search.play !== undefined && run.timeline.length > 0;
  const [wasFresh] = useState(isFresh);
  const result = useRef<HTMLElement>(null);
  useEffect(() => {
    if (wasFresh && !isFresh) result.current?.focus();
  }, [wasFresh, isFresh]);
  const reveal = () =>
    void navigate({
      search: (before) => changed(before, { play: undefined }),
      replace: true,
      resetScroll: false,
    });
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{titleOf(run.scenario)}</h1>
          {told !== undefined && <p>{situationOf(told)}</p>}
          <About run={run} />
        </div>
        <Next run={run} search={search} />
      </div>
      {isFresh ? (
        <p className="note">
          The result comes after the last step. Watch it, or go through it with <b>Next</b>.
        </p>
      ) : (
        <VerdictShown ref={result} run={run} handling={told?.handling} />
      )}
      {run.timeline.length === 0 ? (
        <p className="note">
          The steps of this run are no longer kept: a timeline goes after a while (
          <code>TRANSFER_RETENTION_MS</code>), the result stays for 400 days.
        </p>
      ) : (
        <Player run={run} isFresh={isFresh} onOver={reveal} />
      )}
    </>
  );
}

function About({
  run: { trainee, class: group, at, by, predicted, hasFallback, transferType },
}: {
  run: TrainingRunTold;
}) {
  return (
    <p className="small soft">
      <bdi>{trainee ?? 'Without a name'}</bdi>
      {group !== undefined && (
        <>
          , <bdi>{group}</bdi>
        </>
      )}
      {' · '}
      <Time at={at} /> · {transferType}, {hasFallback ? 'with a fallback queue' : 'without a fallback queue'}{' '}
      · {predicted === undefined ? 'no prediction' : `predicted: ${predictionName(predicted)}`} · key{' '}
      <bdi>{by}</bdi>
    </p>
  );
}

function Next({ run: { scenario, hasFallback }, search }: { run: TrainingRunTold; search: Search }) {
  const { may } = useSession();
  if (!may('train')) return null;
  const again = changed(whoOf(search), { scenario, fallback: hasFallback ? undefined : 'no' });
  return (
    <div className="row no-print">
      <Link className="button" to="/training" search={again}>
        Try it again
      </Link>
      <Link className="button" to="/training" search={whoOf(search)}>
        Another situation
      </Link>
    </div>
  );
}
