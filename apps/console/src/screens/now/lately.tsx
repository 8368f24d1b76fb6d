import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useSession } from '../../session.tsx';
import { Entries } from '../audit/entries.tsx';
import { lastDone } from './last-done.ts';

/** What people did last: who comes on duty sees what was tried already. */
export function Lately() {
  const { may } = useSession();
  const { data } = useQuery({ ...lastDone, enabled: may('audit') });
  if (data === undefined) return null;
  return (
    <section className="stack" aria-labelledby="lately">
      <div className="card-head">
        <h2 id="lately">What people did last</h2>
        <Link to="/audit">The whole audit</Link>
      </div>
      {data.items.length === 0 ? (
        <p className="soft">
          {data.isAll
            ? 'Nothing yet: every replay, resolution, cancellation and pause stands here, with its reason.'
            : 'Nothing lately but signing in.'}
        </p>
      ) : (
        <div className="card flush">
          <Entries items={data.items} />
        </div>
      )}
      {data.folded > 0 && (
        <p className="small soft">
          Each dead letter of an action over many has an entry of its own: {data.folded.toLocaleString()} such{' '}
          {data.folded === 1 ? 'entry is' : 'entries are'} left out here; the whole audit has them.
        </p>
      )}
    </section>
  );
}
