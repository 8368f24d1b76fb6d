import type { TimelineEntry } from '@handover/client';
import { inWords, Time } from '../../ui/time.tsx';

/** More than these are shown when asked for, and so are those that went well. */
const MANY = 12;

/** Every request to Genesys that the timeline notes, with its answer. */
export function Requests({ timeline }: { timeline: TimelineEntry[] }) {
  const requests = timeline.flatMap(({ at, requests = [] }) =>
    requests.map((request) => ({ at, ...request })),
  );
  const failed = requests.filter(({ status }) => status === null || status >= 400).length;
  const hasIds = requests.some(({ correlationId }) => correlationId !== undefined);
  if (requests.length === 0)
    return (
      <section className="card" aria-labelledby="requests">
        <h2 id="requests">Requests to Genesys</h2>
        <p className="soft">None so far.</p>
      </section>
    );
  return (
    <section className="card flush" aria-labelledby="requests">
      <details className="requests" open={failed > 0 && requests.length <= MANY}>
        <summary>
          <h2 id="requests">Requests to Genesys</h2>
          <span className="soft">
            {requests.length}, {failed === 0 ? 'all answered well' : `${failed} without a good answer`}
          </span>
        </summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Operation</th>
              <th scope="col">Answer</th>
              <th scope="col" className="number">
                Took
              </th>
              <th scope="col">Noted at</th>
              {hasIds && <th scope="col">Correlation id</th>}
            </tr>
          </thead>
          <tbody>
            {requests.map(({ at, operation, status, ms, correlationId }, index) => (
              <tr key={index}>
                <td>{operation}</td>
                <td className={status === null || status >= 400 ? 'error-text' : ''}>
                  {status ?? 'no answer'}
                </td>
                <td className="number">{inWords(ms)}</td>
                <td>
                  <Time at={at} />
                </td>
                {hasIds && (
                  <td>
                    <code>{correlationId ?? '–'}</code>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
        {hasIds && <p className="small soft requests-hint">Genesys’ support asks for the correlation id.</p>}
      </details>
    </section>
  );
}
