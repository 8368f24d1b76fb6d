import { Link } from '@tanstack/react-router';
import { useSession } from '../../session.tsx';
import { Code, curlOf } from '../../ui/code.tsx';

const REQUEST = {
  callId: 'call-1',
  userId: 'agent-1',
  transferType: 'blind',
  target: { type: 'queue', id: 'queue-support' },
};

/** Nothing ended lately: what will show here, and how to make the first. */
export function FirstTransfer() {
  const { may } = useSession();
  return (
    <div className="card stack">
      <p>
        No transfer ended in the last hour. Here you will see how many end, how, and how long they take.
        {!may('submit') && ' Upstreams submit transfers; your key does not.'}
      </p>
      {may('submit') && (
        <div>
          <p className="soft">With the sandbox of npm start, this moves a first call:</p>
          <Code>{curlOf('POST', '/api/transfers', REQUEST)}</Code>
        </div>
      )}
      <p>
        <Link to="/transfers">Older transfers</Link>
      </p>
    </div>
  );
}
