import { Link } from '@tanstack/react-router';
import { reasonWords } from '../../ui/reasons.ts';
import { countOf, percentOf, rejectionsOf } from './figures.ts';
import { transfersOf } from './transfers.ts';
import type { Told } from './use-report.ts';

/** Why transfers were rejected, most frequent first. */
export function Rejections({ report, view }: Told) {
  const found = rejectionsOf(report);
  return (
    <section className="card flush" aria-labelledby="quality-rejections">
      <div className="quality-table-head">
        <h2 id="quality-rejections">Why transfers were rejected</h2>
        <p className="soft small">
          A rule or Genesys refused them before anything was moved. They are no part of the success rate.
        </p>
      </div>
      {found.length === 0 ? (
        <p className="quality-table-head">None was rejected.</p>
      ) : (
        <table className="quality-reasons">
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col">In words</th>
              <th scope="col" className="number">
                Rejected
              </th>
              <th scope="col" className="number">
                Of all rejected
              </th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ reason, count }) => (
              <tr key={reason}>
                <th scope="row">
                  <Link to="/transfers" search={transfersOf(view, report, { status: 'rejected', reason })}>
                    {reason}
                  </Link>
                </th>
                <td>{reasonWords(reason)}</td>
                <td className="number">{countOf(count)}</td>
                <td className="number">
                  {percentOf(Math.round((count / report.rejected) * 1_000) / 10, report.rejected)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
