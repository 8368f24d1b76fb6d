import { wordsOf } from '../../api.ts';
import { Trouble } from '../../ui/trouble.tsx';
import { ClassResult } from './class-result.tsx';
import { Filters } from './filters.tsx';
import { NoRuns } from './history.tsx';
import { useAllRuns, useScenarios } from './queries.ts';
import { Roll } from './roll.tsx';
import { runsAskedFor, type Search } from './search.ts';
import { TraineeResult } from './trainee-result.tsx';

/** The result of a trainee, or of each trainee of a class, on one page of paper. */
export function Result({ search }: { search: Search }) {
  const { runsOf } = search;
  const { data, error, isPending, refetch } = useAllRuns(runsAskedFor(search));
  const scenarios = useScenarios();
  const names = scenarios.data?.items.map(({ scenario }) => scenario);
  return (
    <>
      <Filters search={search} />
      {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {isPending && <p className="loading">Loading the runs …</p>}
      {data !== undefined && runsOf === undefined && (
        <Roll runs={data.items} isAll={data.next === null} search={search} />
      )}
      {data?.items.length === 0 && <NoRuns search={search} />}
      {data !== undefined && data.items.length > 0 && (
        <>
          {runsOf === undefined ? (
            <ClassResult runs={data.items} scenarios={names} search={search} />
          ) : (
            <TraineeResult runs={data.items} scenarios={names} search={search} />
          )}
          {data.next !== null && (
            <p className="note waiting">Only the latest 1,000 runs are counted. Choose a shorter time.</p>
          )}
        </>
      )}
    </>
  );
}
