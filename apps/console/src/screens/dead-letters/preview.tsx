import type { ActionPreview } from '@handover/client';
import type { About } from './about.ts';
import { ChosenWords } from './chosen.tsx';
import type { Plan } from './filter.ts';
import { LetterLinks } from './letter-links.tsx';
import { Whose } from './whose.tsx';
import { many, skippedWords } from './words.ts';

type Preview = {
  preview: ActionPreview;
  plan: Plan;
  about: ReadonlyMap<string, About>;
};

/** How many an action would concern, whose, which, and what it would leave out and why. */
export function Preview({ preview, plan: { act, filter }, about }: Preview) {
  const isOfBilling = 'billing' in filter;
  const { ids, byKind, byReason, more } = preview;
  const leftOut = Object.entries(preview.skipped);
  const count = countOf(preview);
  return (
    <div className="stack preview">
      <p className="preview-count">
        <strong>{count.toLocaleString()}</strong> {count === 1 ? 'is' : 'are'}{' '}
        {act === 'replay' ? 'replayed' : 'resolved'}
        {leftOut.length > 0 && `, of ${many(preview.total, 'dead letter')} that match`}.
      </p>
      <dl className="facts small">
        <dt>Chosen</dt>
        <dd>
          <ChosenWords filter={filter} />
        </dd>
        <Counts name={isOfBilling ? 'By queue' : 'By kind'} counts={byKind} />
        <Counts name="By reason" counts={byReason} />
        {!isOfBilling && <Whose ids={ids} count={count} about={about} />}
      </dl>
      {leftOut.length > 0 && (
        <div className="note waiting small">
          <strong>Left out:</strong>
          <ul>
            {leftOut.map(([why, number]) => (
              <li key={why}>
                {number.toLocaleString()}: {skippedWords(why)}.
              </li>
            ))}
          </ul>
        </div>
      )}
      {more && (
        <p className="note waiting small">
          One action takes at most 10,000: the newest. Repeat it for the others.
        </p>
      )}
      {ids.length > 0 && (
        <details>
          <summary>
            Which ones {count > ids.length ? `(the oldest ${ids.length.toLocaleString()})` : '(oldest first)'}
          </summary>
          {isOfBilling ? (
            <p className="small letter-id">{ids.join(', ')}</p>
          ) : (
            <LetterLinks ids={ids} about={about} />
          )}
        </details>
      )}
    </div>
  );
}

/** How many it would be done to. */
export function countOf({ total, skipped }: Pick<ActionPreview, 'total' | 'skipped'>): number {
  return total - Object.values(skipped).reduce((sum, one) => sum + one, 0);
}

function Counts({ name, counts }: { name: string; counts: Record<string, number> }) {
  const known = Object.entries(counts);
  if (known.length === 0) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{known.map(([word, count]) => `${word}: ${count.toLocaleString()}`).join(', ')}</dd>
    </>
  );
}
