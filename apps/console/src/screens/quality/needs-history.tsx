import { HandoverProblem } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { dimensionsOf, filterNames, searchOf, type View } from './view.ts';

/** Whether the API refused the report because it combines what is only counted by itself. */
export function isRefusedCombination(error: unknown, view: View): boolean {
  return (
    error instanceof HandoverProblem && error.code === 'invalid-request' && dimensionsOf(view).length > 1
  );
}

/** Says that a combination needs the history, and what can be seen without it. */
export function NeedsHistory({ view }: { view: View }) {
  const { range, by, filters } = view;
  const asked = dimensionsOf(view);
  return (
    <div className="note waiting stack" role="alert">
      <div>
        <strong>This combination needs the history</strong>
        <p>
          Queue, agent and API key are each counted by itself. A combination of them, such as one agent in one
          queue, is counted from the history in PostgreSQL, which is not configured here: ask who runs
          Handover for <code>HISTORY_DATABASE_URL</code>.
        </p>
      </div>
      <ul className="row" aria-label="Without the history">
        {asked.map((name) => (
          <li key={name}>
            <Link
              className="button"
              to="/quality"
              search={searchOf({
                range,
                by: by === name || by === 'hour' || by === 'day' ? by : 'hour',
                filters: filters[name] === undefined ? {} : { [name]: filters[name] },
              })}
            >
              Only by {name === 'key' ? filterNames.key : filterNames[name].toLowerCase()}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
