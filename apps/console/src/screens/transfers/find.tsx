import { HandoverProblem } from '@handover/client';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { handover, wordsOf } from '../../api.ts';
import { Trouble } from '../../ui/trouble.tsx';

type Kind = 'callId' | 'agent' | 'target';

const NAMES: Record<Kind, string> = {
  callId: 'transfers of this call',
  agent: 'transfers of this agent',
  target: 'transfers to this target',
};

/** Looks up what a text is, and leads there: to the transfer of this id, or to those of the call, agent or target. */
export function Found({ text }: { text: string }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['transfers', 'find', text],
    queryFn: ({ signal }) => find(text, signal),
    placeholderData: () => undefined,
  });
  if (error !== null) return <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />;
  if (isPending || data === undefined) return <p className="soft">Looking for it …</p>;
  if (data.isTransfer) return <Navigate to="/transfers/$id" params={{ id: text }} replace />;
  const [only] = data.kinds;
  if (only !== undefined && data.kinds.length === 1)
    return <Navigate to="/transfers" search={{ [only]: text }} replace />;
  return (
    <div className="note" role="status">
      {data.kinds.length === 0 ? (
        <NotFound text={text} />
      ) : (
        <p className="row">
          <span>
            <bdi className="typed">{text}</bdi> stands for more than one thing:
          </span>
          {data.kinds.map((kind) => (
            <Link key={kind} to="/transfers" search={{ [kind]: text }}>
              {NAMES[kind]}
            </Link>
          ))}
        </p>
      )}
    </div>
  );
}

/** What can be found at all, as nothing was. */
function NotFound({ text }: { text: string }) {
  return (
    <div className="stack">
      <p>
        <strong>
          No transfer is known by <bdi className="typed">{text}</bdi>.
        </strong>
      </p>
      <p>
        Transfers are found by their id, or by their call, agent or target: whole, exactly as written; upper
        and lower case differ. Metadata, such as the number of a ticket, cannot be searched: look for the call
        that it belongs to.
      </p>
      <p className="small soft">
        What is older than the retention time is found only where there is a history.
      </p>
    </div>
  );
}

async function find(text: string, signal: AbortSignal): Promise<{ isTransfer: boolean; kinds: Kind[] }> {
  const kinds = ['callId', 'agent', 'target'] as const;
  const [isTransfer, ...known] = await Promise.all([
    isKnown(async () => (await handover.transfers.get(text, { signal })).id !== ''),
    ...kinds.map((kind) =>
      isKnown(
        async () => (await handover.transfers.list({ [kind]: text, limit: 1 }, { signal })).items.length > 0,
      ),
    ),
  ]);
  return { isTransfer: isTransfer === true, kinds: kinds.filter((_kind, index) => known[index]) };
}

/** What cannot be an id, as it is too long, is none. */
async function isKnown(ask: () => Promise<boolean>): Promise<boolean> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HandoverProblem && (error.status === 404 || error.status === 400)) return false;
    throw error;
  }
}
