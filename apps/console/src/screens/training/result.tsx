import { wordsOf } from '../../api.ts';
import { isReversed } from '../../ui/reversed.ts';
import { Trouble } from '../../ui/trouble.tsx';
import { ClassResult } from './class-result.tsx';
import { Filters } from './filters.tsx';
import { NoRuns } from './history.tsx';
import { useAllRuns, useScenarios } from './queries.ts';
import { RollEntry } from './roll.tsx';
import { runsAskedFor, type Search } from './search.ts';
import { byTrainee, rollOf } from './summary.ts';
import { TraineeResult } from './trainee-result.tsx';

/** The result of a trainee, or of each trainee of a class, on one page of paper. */
export function Result({ search }: { search: Search }) {
  const { runsOf } = search;
  const { data, error, isPending, refetch } = useAllRuns(
    runsAskedFor(search),
    !isReversed(search.from, search.to),
  );
  const scenarios = useScenarios();
  const names = scenarios.data?.items.map(({ scenario }) => scenario);
  if (isReversed(search.from, search.to)) return <Filters search={search} />;
  const runs = data?.items ?? [];
  const roll = { ...rollOf(search.roll ?? '', byTrainee(runs)), isAll: data?.next === null };
  return (
    <>
      <Filters search={search} />
      {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {isPending && <p className="loading">Loading the runs …</p>}
      {data !== undefined && runsOf === undefined && <RollEntry roll={roll} search={search} />}
      {data !== undefined && runs.length === 0 && <NoRuns search={search} />}
      {data !== undefined && runs.length > 0 && (
        <>
          {runsOf === undefined ? (
            <ClassResult runs={runs} scenarios={names} roll={roll} search={search} />
          ) : (
            <TraineeResult runs={runs} scenarios={names} search={search} />
          )}
          {data.next !== null && (
            <p className="note waiting">Only the latest 1,000 runs are counted. Choose a shorter time.</p>
          )}
        </>
      )}
    </>
  );
}
