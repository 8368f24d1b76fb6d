import { discrepancyWords, openOnes } from './words.ts';

const EVERY = openOnes({ 'missing-event': 1, 'different-target': 1, 'unknown-transfer': 1 });

/** What the words of this page mean. */
export function Meaning() {
  return (
    <details className="card">
      <summary>What the words of this page mean</summary>
      <dl className="facts">
        <dt>Bill</dt>
        <dd>
          One for every transfer that an event reports, no matter who moved the call. Events that arrive
          twice, late or out of order give the same bills. Its id is the key that a billing system processes
          once.
        </dd>
        <dt>Code</dt>
        <dd>
          <code>TRANSFER_BLIND</code> or <code>TRANSFER_CONSULT</code>, by the kind of transfer.
        </dd>
        <dt>Someone else’s</dt>
        <dd>The event is of a transfer that Handover did not make. It is billed all the same.</dd>
        <dt>Matched</dt>
        <dd>A transfer of ours with the event that reports it.</dd>
        <dt>Waiting</dt>
        <dd>
          A transfer or an event whose counterpart has not come yet. After the match window, 15 minutes unless
          configured otherwise, it is a discrepancy.
        </dd>
        <dt>Unmatched</dt>
        <dd>
          Open discrepancies. One that is resolved later, because the missing side arrived, is no longer one.
        </dd>
        <dt>Synthesized</dt>
        <dd>
          Billed from our own record, since no event showed the transfer. A late event makes no second bill.
        </dd>
        {EVERY.map(({ name }) => (
          <div key={name} className="billing-word">
            <dt>{name}</dt>
            <dd>
              {discrepancyWords[name].means} Usual cause: {discrepancyWords[name].cause}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
