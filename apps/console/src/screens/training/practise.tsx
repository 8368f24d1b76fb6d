import type { Scenario } from '@handover/client';
import { HandoverProblem } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { wordsOf } from '../../api.ts';
import { Badge } from '../../ui/badge.tsx';
import { Code } from '../../ui/code.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { useAllRuns, useScenarios } from './queries.ts';
import { changed, type Search } from './search.ts';
import { byScenario, countsOf, doneOf, type Practised } from './summary.ts';
import { TryIt } from './try-it.tsx';
import { isCounted } from './verdict.ts';
import { Who } from './who.tsx';
import { situationOf, titleOf } from './words.ts';

/** Choose a scenario, then predict and run it. */
export function Practise({ search }: { search: Search }) {
  const { data, error, isPending, refetch } = useScenarios();
  if (error instanceof HandoverProblem && error.code === 'simulator-not-configured') return <NoSandbox />;
  if (error !== null) return <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />;
  if (isPending) return <p className="loading">Loading the scenarios …</p>;
  const chosen = data.items.find(({ scenario }) => scenario === search.scenario);
  if (chosen !== undefined) return <TryIt key={chosen.scenario} scenario={chosen} search={search} />;
  return (
    <>
      <Who search={search} />
      {search.scenario !== undefined && (
        <p className="note waiting" role="status">
          There is no scenario “<bdi>{search.scenario}</bdi>”. Choose one of these.
        </p>
      )}
      <Cards scenarios={data.items} search={search} />
    </>
  );
}

function Cards({ scenarios, search }: { scenarios: Scenario[]; search: Search }) {
  const { trainee, class: group } = search;
  const asked = { ...(trainee !== undefined && { trainee }), ...(group !== undefined && { class: group }) };
  const { data } = useAllRuns(asked, trainee !== undefined);
  const runs = trainee === undefined ? [] : (data?.items ?? []);
  const practised = byScenario(runs);
  const known = scenarios.map(({ scenario }) => scenario);
  return (
    <section className="stack" aria-labelledby="scenarios">
      <div className="card-head">
        <h2 id="scenarios">Choose a situation</h2>
        {trainee !== undefined && (
          <span className="soft">{doneOf(countsOf(runs).scenarios, known)} practised</span>
        )}
      </div>
      <ol className="grid">
        {scenarios.map(({ scenario, description }) => (
          <li key={scenario}>
            <Link to="/training" search={changed(search, { scenario })} className="card scenario-card">
              <h3>{titleOf(scenario)}</h3>
              <p>{situationOf({ scenario, description })}</p>
              <span className="scenario-foot">
                <code>{scenario}</code>
                <Mark practised={practised.find((one) => one.scenario === scenario)} />
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Mark({ practised }: { practised: Practised | undefined }) {
  if (practised === undefined) return null;
  if (practised.last.predictionMet === true && isCounted(practised.last))
    return <Badge tone="good">predicted right</Badge>;
  return <Badge tone="waiting">{practised.last.predicted === undefined ? 'looked at' : 'try again'}</Badge>;
}

function NoSandbox() {
  return (
    <Empty title="Training needs a sandbox">
      <p>
        The sandbox stands in for Genesys, so that practice never touches a live call. This API does not know
        one: set <code>SANDBOX_URL</code> to the URL of the sandbox, for the API and for the worker, and
        restart both.
      </p>
      <Code what="setting">SANDBOX_URL=http://127.0.0.1:4010</Code>
      <p>
        <code>npm start</code> brings a sandbox along. What was practised before is still in the history.
      </p>
    </Empty>
  );
}
