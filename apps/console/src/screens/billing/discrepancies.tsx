import type { BillingReport, Discrepancy } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { Badge } from '../../ui/badge.tsx';
import { Time } from '../../ui/time.tsx';
import { discrepancyWords, openOnes, sideInWords } from './words.ts';

/** The open discrepancies, each in words, with its transfer. */
export function Discrepancies({ report }: { report: BillingReport }) {
  const { unmatched, newestDiscrepancies: newest, discrepancies } = report;
  return (
    <section className="stack" aria-labelledby="billing-open">
      <h2 id="billing-open">Open discrepancies</h2>
      {unmatched === 0 ? (
        <p className="note good">
          None: every transfer of ours that was checked has its event, and every event its transfer. A
          transfer without its event is named here after the match window (15 minutes, unless configured
          otherwise).
        </p>
      ) : (
        <>
          <ul className="stack">
            {openOnes(discrepancies).map(({ name, count }) => (
              <li key={name} className="note bad">
                <strong>
                  {count} × {name}.
                </strong>{' '}
                {discrepancyWords[name].means}{' '}
                <span className="soft">Usual cause: {discrepancyWords[name].cause}</span>
              </li>
            ))}
          </ul>
          <div className="card flush">
            <table className="billing-table stacks">
              <caption className="billing-caption">
                {newest.length < unmatched
                  ? `The newest ${newest.length} of ${unmatched}`
                  : 'All that are open, newest first'}
              </caption>
              <thead>
                <tr>
                  <th scope="col">Since</th>
                  <th scope="col">Discrepancy</th>
                  <th scope="col">Our record says</th>
                  <th scope="col">An event says</th>
                  <th scope="col">Call</th>
                  <th scope="col">Transfer</th>
                </tr>
              </thead>
              <tbody>
                {newest.map((one) => (
                  <Open key={`${one.transferId} ${one.name}`} one={one} />
                ))}
              </tbody>
            </table>
          </div>
          <p className="soft small">
            When the missing side arrives late, the discrepancy is resolved by itself and the transfer is
            billed. What stays open is yours to decide: look at the transfer, and at the call in Genesys.
          </p>
        </>
      )}
    </section>
  );
}

function Open({ one }: { one: Discrepancy }) {
  return (
    <tr>
      <td data-name="Since">
        <Time at={one.namedAt} form="day" />
      </td>
      <td data-name="Discrepancy">
        {one.name}
        {one.synthesized && (
          <>
            {' '}
            <Badge>billed from our record</Badge>
          </>
        )}
      </td>
      <td data-name="Our record says">
        <bdi>
          {one.expected === undefined ? 'that it did not happen, or is in doubt' : sideInWords(one.expected)}
        </bdi>
      </td>
      <td data-name="An event says">
        <bdi>{sideInWords(one.seen)}</bdi>
      </td>
      <td className="billing-id" data-name="Call">
        <bdi>{one.callId}</bdi>
      </td>
      <td className="billing-id" data-name="Transfer">
        <Link to="/transfers/$id" params={{ id: one.transferId }}>
          {one.transferId}
        </Link>
      </td>
    </tr>
  );
}
