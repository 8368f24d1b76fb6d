import type { BillingReport } from '@handover/client';
import { base } from '../../api.ts';
import { useSession } from '../../session.tsx';
import { Code, curlOf } from '../../ui/code.tsx';
import { Empty } from '../../ui/empty.tsx';
import { monthInWords, type Stage } from './month.ts';

const FIRST = {
  callId: 'call-1',
  userId: 'agent-1',
  transferType: 'blind',
  target: { type: 'queue', id: 'queue-support' },
};

/** Nothing was billed in this month: why that may be, and how a bill comes about. */
export function FirstBill({ month, stage, report }: { month: string; stage: Stage; report: BillingReport }) {
  const { may } = useSession();
  const isNew = report.matched + report.unmatched + report.waiting + report.synthesized === 0;
  if (stage === 'to come')
    return (
      <Empty title={`${monthInWords(month)} has not begun`}>
        <p>So nothing is billed in it. Choose an earlier month above.</p>
      </Empty>
    );
  return (
    <Empty title={`Nothing was billed in ${monthInWords(month)}${stage === 'so far' ? ' so far' : ''}`}>
      <p>
        A bill is made for each transfer that an event of Genesys reports, a few seconds after the event
        arrived. With the Platform API, which sends no events, it is made from Handover’s own record of the
        transfer.
      </p>
      {isNew ? (
        <p>
          Nothing was ever billed here. Billing is on where <code>WEBHOOK_SECRET</code> or{' '}
          <code>BILLING_SYNTHESIZE</code> is set, and always with the Platform API. Training runs are never
          billed, and in shadow mode nothing is.
        </p>
      ) : (
        <p>Other months have bills: choose one above.</p>
      )}
      {isNew && may('submit') && (
        <>
          <p>With the sandbox, this transfer makes the first bill:</p>
          <Code>{curlOf('POST', `${base}/api/transfers`, FIRST)}</Code>
        </>
      )}
    </Empty>
  );
}
