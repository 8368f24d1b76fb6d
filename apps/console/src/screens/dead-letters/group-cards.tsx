import type { ReactNode } from 'react';
import { useSession } from '../../session.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { reasonWords } from '../../ui/reasons.ts';
import { Time } from '../../ui/time.tsx';
import { useNarrow } from '../transfers/use-narrow.ts';
import type { Filter, Kind, Plan } from './filter.ts';
import { filterOfGroup, type Group, isInDoubt } from './groups.ts';
import { KIND_ADVICE, KIND_WORDS } from './words.ts';

type Groups = {
  groups: Group[];
  filter: Filter;
  onFilter: (filter: Record<string, string>) => void;
  onPlan: (plan: Plan) => void;
};

/** The dead letters by kind and reason, each group with what to do about it. */
export function Groups({ groups, filter, onFilter, onPlan }: Groups) {
  return (
    <section className="stack" aria-labelledby="groups">
      <h2 id="groups">By kind and reason</h2>
      <ul className="groups">
        {groups.map((group) => (
          <li key={[group.kind, group.reason, group.status].join()}>
            <Card group={group} filter={filter} onFilter={onFilter} onPlan={onPlan} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Card({ group, filter, onFilter, onPlan }: { group: Group } & Omit<Groups, 'groups'>) {
  const { may } = useSession();
  const { kind, reason, status, count, oldest, newest } = group;
  const narrowed = filterOfGroup(group, filter);
  const isShown = filter.kind === kind && filter.reason === reason && filter.status === status;
  const name = `${kind}${reason || status ? `: ${reason ?? status}` : ''}`;
  return (
    <article className={`card stack tight group ${kind}`}>
      <div className="row group-head">
        <h3>
          <Badge tone={toneOf(kind)}>{kind}</Badge> {reason ?? status ?? ''}
        </h3>
        <strong className="group-count">{count.toLocaleString()}</strong>
      </div>
      <Meaning isFolded={useNarrow()}>
        <p>
          {KIND_WORDS[kind]}
          {reason !== undefined && ` Why: ${reasonWords(reason)}.`}
        </p>
        <p className="small soft">{KIND_ADVICE[kind]}</p>
      </Meaning>
      <p className="small">
        Oldest <Time at={oldest} />, newest <Time at={newest} />
      </p>
      <div className="row">
        {may('act') && kind !== 'held' && (
          <Button
            look={kind === 'failed' ? 'primary' : 'usual'}
            onPress={() => onPlan({ act: 'replay', filter: narrowed })}
            aria-label={`Replay ${name} …`}
          >
            Replay …
          </Button>
        )}
        {may('act') && isInDoubt(kind) && (
          <Button
            look="primary"
            onPress={() => onPlan({ act: 'resolve', filter: narrowed })}
            aria-label={`Resolve ${name} …`}
          >
            Resolve …
          </Button>
        )}
        {may('act') && kind === 'held' && (
          <Button
            look="danger"
            onPress={() => onPlan({ act: 'replay', filter: narrowed })}
            aria-label={`Replay, with a risk …: ${name}`}
          >
            Replay, with a risk …
          </Button>
        )}
        {!isShown && (
          <Button
            look="plain"
            onPress={() => onFilter({ ...narrowed })}
            aria-label={`Show only these: ${name}`}
          >
            Show only these
          </Button>
        )}
      </div>
    </article>
  );
}

function Meaning({ isFolded, children }: { isFolded: boolean; children: ReactNode }) {
  if (!isFolded) return children;
  return (
    <details>
      <summary>What it means, and what to do</summary>
      <div className="stack tight">{children}</div>
    </details>
  );
}

function toneOf(kind: Kind): 'bad' | 'waiting' {
  return kind === 'failed' || kind === 'contradicted' ? 'bad' : 'waiting';
}
