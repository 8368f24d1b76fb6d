import type { AuditEntry } from '@handover/client';
import { useQuery } from '@tanstack/react-query';
import { handover, wordsOf } from '../../api.ts';
import { useSession } from '../../session.tsx';
import { Time } from '../../ui/time.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { actorWords } from './wording.ts';

/** The latest entry of the audit about this action on this thing, for those who may read the audit. */
export function AuditNote({ action, thing }: { action: AuditEntry['action']; thing: string }) {
  const { may } = useSession();
  const { data, error, isPending } = useQuery({
    queryKey: ['audit', action, thing],
    queryFn: async ({ signal }) => {
      const { items } = await handover.request('get', '/api/audit', {
        query: { action, limit: 100 },
        signal,
      });
      return items.find((entry) => entry.thing === thing) ?? null;
    },
    enabled: may('audit'),
    staleTime: 0,
    gcTime: 0,
    placeholderData: () => undefined,
  });
  if (!may('audit')) return <p className="small soft">It stands in the audit, which operators read.</p>;
  if (error !== null) return <Trouble {...wordsOf(error)} />;
  if (isPending) return <p className="small soft">Reading the audit …</p>;
  if (data === null)
    return <p className="small soft">Among the latest 100 such entries of the audit it is not.</p>;
  return (
    <p className="note small">
      In the audit: <code>{data.action}</code>, <bdi>{actorWords(data.actor)}</bdi>, <Time at={data.at} />
      {data.reason !== '' && (
        <>
          , because “<bdi>{data.reason}</bdi>”
        </>
      )}{' '}
      <span className="soft">(entry {data.id})</span>
    </p>
  );
}
