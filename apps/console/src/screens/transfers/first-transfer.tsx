import { base } from '../../api.ts';
import { useSession } from '../../session.tsx';
import { Code, curlOf } from '../../ui/code.tsx';
import { Empty } from '../../ui/empty.tsx';

const FIRST = {
  callId: 'call-1',
  userId: 'agent-1',
  transferType: 'blind',
  target: { type: 'queue', id: 'queue-support' },
};

/** What a transfer is, and how to make the first one. */
export function FirstTransfer() {
  const { session } = useSession();
  return (
    <Empty title="No transfer yet">
      <p>
        A transfer moves a live call from an agent to a queue, a user or another target. Whoever wants a call
        moved submits one, and it shows here at once, with every decision on its way. Submit the first one:
      </p>
      <Code>{curlOf('POST', `${base}/api/transfers`, FIRST)}</Code>
      <p>
        {session.kind === 'open' ? 'Here no key is needed, and the line with it may be left out. ' : ''}
        The ids are those of the sandbox; with Genesys Cloud use a call that is connected, its agent, and a
        queue.
      </p>
    </Empty>
  );
}
