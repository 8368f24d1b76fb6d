import { type About, mostOf } from './about.ts';

const NAMED = 5;

/** Whose transfers an action would concern: the most frequent agents and targets, of those that are known here. */
export function Whose({ ids, count, about }: Whose) {
  const known = ids.flatMap((id) => about.get(id) ?? []);
  if (known.length === 0) return null;
  return (
    <>
      <Most name="By agent" names={known.map(({ agent }) => agent)} />
      <Most name="By target" names={known.map(({ target }) => target)} />
      {known.length < count && (
        <>
          <dt>Not counted</dt>
          <dd>
            agents and targets of {(count - known.length).toLocaleString()} that this page has not looked at
          </dd>
        </>
      )}
    </>
  );
}

type Whose = {
  ids: readonly string[];
  /** How many the action would concern; the preview names the first 1,000. */
  count: number;
  about: ReadonlyMap<string, About>;
};

function Most({ name, names }: { name: string; names: string[] }) {
  const { top, others } = mostOf(names, NAMED);
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {top.map(([one, count], index) => (
          <span key={one}>
            {index > 0 && ', '}
            <bdi>{one}</bdi>: {count.toLocaleString()}
          </span>
        ))}
        {others.names > 0 &&
          `, ${others.names.toLocaleString()} ${others.names === 1 ? 'other' : 'others'}: ${others.count.toLocaleString()}`}
      </dd>
    </>
  );
}
