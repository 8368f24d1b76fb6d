import { Link } from '@tanstack/react-router';
import { reasonWords } from '../../ui/reasons.ts';
import { countOf, percentOf, reasonsOf } from './figures.ts';
import { transfersOf } from './transfers.ts';
import type { Told } from './use-report.ts';

const about = {
  rejected: {
    title: 'Why transfers were rejected',
    explained:
      'A rule or Genesys refused them before anything was moved. They are no part of the success rate.',
    none: 'None was rejected.',
    column: 'Rejected',
  },
  failed: {
    title: 'Why transfers failed',
    explained:
      'As far as is known these did not happen. One that was replayed since stays counted here, and its next outcome counts too; the lists behind the links show those that have not been replayed.',
    none: 'None failed.',
    column: 'Failed',
  },
} as const;

/** Why transfers ended like this, most frequent first. */
export function Reasons({ report, view, status }: Told & { status: keyof typeof about }) {
  const { title, explained, none, column } = about[status];
  const found = reasonsOf(status === 'failed' ? report.failures : report.rejections);
  const all = status === 'failed' ? report.failed - report.expired : report.rejected;
  const heading = `quality-${status}`;
  return (
    <section className="card flush" aria-labelledby={heading}>
      <div className="quality-table-head">
        <h2 id={heading}>{title}</h2>
        <p className="soft small">{explained}</p>
      </div>
      {found.length === 0 ? (
        <p className="quality-table-head">{none}</p>
      ) : (
        <table className="quality-reasons stacks">
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col">In words</th>
              <th scope="col" className="number">
                {column}
              </th>
              <th scope="col" className="number">
                Of all {status}
              </th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ reason, count }) => (
              <tr key={reason}>
                <th scope="row">
                  <Link to="/transfers" search={transfersOf(view, report, { status, reason })}>
                    {reason}
                  </Link>
                </th>
                <td>{reasonWords(reason)}</td>
                <td className="number" data-name={column}>
                  {countOf(count)}
                </td>
                <td className="number" data-name={`Of all ${status}`}>
                  {percentOf(Math.round((count / all) * 1_000) / 10, all)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
