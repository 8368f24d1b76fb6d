import { Link, useSearch } from '@tanstack/react-router';
import { countOf, inOrder, percentOf, type Row } from './figures.ts';
import { RowName } from './row-name.tsx';
import { transfersOf } from './transfers.ts';
import { groupings, searchOf, usualGrouping, type View } from './view.ts';

/** More rows are shown only if asked for. */
const SHOWN = 200;
const HOUR_MS = 3_600_000;

const COLUMNS: { name: string; value: (row: Row) => string }[] = [
  { name: 'Success rate', value: (row) => percentOf(row.successRate, row.totalTransfersAttempted) },
  { name: 'Failed', value: (row) => countOf(row.failed) },
  { name: 'of these expired', value: (row) => countOf(row.expired) },
  { name: 'Attempted', value: (row) => countOf(row.totalTransfersAttempted) },
  { name: 'Successful', value: (row) => countOf(row.successful) },
  { name: 'To the fallback', value: (row) => countOf(row.fallbackUsed) },
  { name: 'Fallback rate', value: (row) => percentOf(row.fallbackRate, row.successful) },
  { name: 'Rejected', value: (row) => countOf(row.rejected) },
  { name: 'Cancelled', value: (row) => countOf(row.cancelled) },
  { name: 'Replayed', value: (row) => countOf(row.replayed) },
];

/** The figures of each hour, day, queue, agent or key. */
export function Rows({ rows, view }: { rows: Row[]; view: View }) {
  const { rows: wanted } = useSearch({ from: '/quality' });
  const isAll = wanted === 'all';
  const { by } = view;
  const isTime = by === 'hour' || by === 'day';
  const ordered = inOrder(rows, by, isAll);
  const shown = isAll ? ordered : ordered.slice(0, SHOWN);
  const hidden = rows.length - shown.length;
  return (
    <section className="card flush" aria-labelledby="quality-rows">
      <div className="quality-table-head">
        <h2 id="quality-rows">By {by === 'key' ? groupings.key : groupings[by].toLowerCase()}</h2>
        <p className="soft small">
          {by === 'hour' &&
            'Newest first. Hours in your time zone; hover for UTC. Choose one to see its transfers. '}
          {by === 'day' && 'Newest first. Days are those of UTC. Choose one to see its hours. '}
          {by === 'queue' &&
            'The queue that was asked for, also if the fallback was used. Transfers to users and others are in no queue. '}
          {!isTime && 'Most attempted first. Choose a name to see it over time. '}
          {hidden > 0 && (
            <Link to="/quality" search={{ ...searchOf(view), rows: 'all' }} resetScroll={false}>
              Also show {countOf(hidden)} {isTime ? 'without outcomes or older' : 'more'}
            </Link>
          )}
          {isAll && (
            <Link to="/quality" search={searchOf(view)} resetScroll={false}>
              Show fewer
            </Link>
          )}
        </p>
      </div>
      <div className="quality-scroll">
        <table className="quality-rows stacks">
          <thead>
            <tr>
              <th scope="col">{groupings[by]}</th>
              {COLUMNS.map(({ name }) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row[by]} className={row.failed > 0 ? 'has-failures' : undefined}>
                <th scope="row">
                  <Name row={row} view={view} />
                </th>
                {COLUMNS.map(({ name, value }) => (
                  <td key={name} className="number" data-name={name}>
                    {value(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Name({ row, view }: { row: Row; view: View }) {
  const { by, range, filters } = view;
  if (by === 'hour') {
    const from = row.hour ?? '';
    const to = new Date(Date.parse(from) + HOUR_MS).toISOString();
    return (
      <Link to="/transfers" search={transfersOf(view, { from, to })}>
        <RowName row={row} by={by} />
      </Link>
    );
  }
  const narrowed =
    by === 'day' && row.day !== undefined
      ? searchOf({ range: { from: row.day, to: row.day }, by: 'hour', filters })
      : searchOf({
          range,
          by: 'preset' in range && range.preset === 'month' ? 'hour' : usualGrouping(range),
          filters: { ...filters, [by]: row[by] },
        });
  return (
    <Link to="/quality" search={narrowed}>
      <RowName row={row} by={by} />
    </Link>
  );
}
