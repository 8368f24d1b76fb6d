import type { AuditEntry } from '@handover/client';
import { useQuery } from '@tanstack/react-query';
import { handover, wordsOf } from '../api.ts';
import { useSession } from '../session.tsx';
import { Time } from './time.tsx';
import { Trouble } from './trouble.tsx';
import { actorWords } from './words.ts';

const AROUND_MS = 60_000;

type Note = {
  action: AuditEntry['action'];
  /** The transfer, dead letter, queue or action. */
  thing: string;
  /** When it was done, if that is known: an old entry is found only so. */
  at?: string;
};

/** The entry of the audit about an action on a thing, for those who may read the audit. */
export function AuditNote({ action, thing, at }: Note) {
  const { may } = useSession();
  const { data, error, isPending } = useQuery({
    queryKey: ['audit', action, thing, at],
    queryFn: async ({ signal }) => {
      const range = at !== undefined && {
        from: new Date(Date.parse(at) - AROUND_MS).toISOString(),
        to: new Date(Date.parse(at) + AROUND_MS).toISOString(),
      };
      const query = { action, thing, limit: 1, ...range };
      const { items } = await handover.request('get', '/api/audit', { query, signal });
      return items[0] ?? null;
    },
    enabled: may('audit'),
    // Written by the action that was just done: what was read before lacks it.
    staleTime: 0,
    gcTime: 0,
    placeholderData: () => undefined,
  });
  if (!may('audit')) return <p className="small soft">It stands in the audit, which operators read.</p>;
  if (error !== null) return <Trouble {...wordsOf(error)} />;
  if (isPending) return <p className="small soft">Reading the audit …</p>;
  if (data === null)
    return <p className="small soft">Not found among the latest 1,000 entries of the audit.</p>;
  const { actor, reason, id } = data;
  return (
    <p className="note small">
      In the audit: <code>{data.action}</code> by <bdi>{actorWords(actor)}</bdi>, <Time at={data.at} />
      {reason !== '' && (
        <>
          , because “<bdi>{reason}</bdi>”
        </>
      )}{' '}
      <span className="soft">(entry {id})</span>
    </p>
  );
}
