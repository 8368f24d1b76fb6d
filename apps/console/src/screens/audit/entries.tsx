import type { AuditEntry } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { Time } from '../../ui/time.tsx';
import { actorWords } from '../../ui/words.ts';
import { doneWords, subjectOf } from './entry.ts';

/** Entries of the audit as a table, newest first: who did what to which thing, and why. */
export function Entries({ items }: { items: AuditEntry[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className="table-frame" tabIndex={0} aria-label="Entries of the audit, newest first">
      <table className="stacks">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => (
            <tr key={entry.id}>
              <td data-name="When">
                <Time at={entry.at} />
              </td>
              <td data-name="Who">
                <bdi>{actorWords(entry.actor)}</bdi>
              </td>
              <td data-name="What">
                {doneWords(entry.action)} <Subject entry={entry} />
              </td>
              <td className="why" data-name="Why">
                {entry.action === 'sign-in' ? (
                  <span className="soft">from {entry.reason}</span>
                ) : (
                  <bdi>{entry.reason || '–'}</bdi>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Subject({ entry }: { entry: AuditEntry }) {
  const { kind, id } = subjectOf(entry);
  if (kind === 'transfer')
    return (
      <Link to="/transfers/$id" params={{ id }}>
        transfer {id.slice(0, 8)}
      </Link>
    );
  if (kind === 'action')
    return (
      <Link to="/dead-letters" search={{ action: id }}>
        action {id.slice(0, 8)}
      </Link>
    );
  return <bdi className="typed">{id}</bdi>;
}
