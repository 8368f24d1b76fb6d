import type { TrainingRun } from '@handover/client';
import type { Ref } from 'react';
import type { Tone } from '../../ui/badge.tsx';
import { handlingOf, predictionOf, type Verdict } from './verdict.ts';

const MARKS: Record<Tone, string> = { good: '✓', bad: '✗', waiting: '↻', quiet: '–' };

type Shown = { run: TrainingRun; handling: string | undefined; ref: Ref<HTMLElement> };

/** What came of a run: Handover's part, the prediction, and what should be done. */
export function VerdictShown({ run, handling, ref }: Shown) {
  return (
    <section className="verdicts" aria-label="The result" tabIndex={-1} ref={ref}>
      <One verdict={handlingOf(run)} />
      <One verdict={predictionOf(run)} />
      {handling !== undefined && (
        <div className="card verdict">
          <h2>What should be done</h2>
          <p>{handling}</p>
        </div>
      )}
    </section>
  );
}

function One({ verdict: { tone, title, detail } }: { verdict: Verdict }) {
  return (
    <div className={`card verdict ${tone}`}>
      <span className="verdict-mark" aria-hidden="true">
        {MARKS[tone]}
      </span>
      <div>
        <h2>{title}</h2>
        <p>{detail}</p>
      </div>
    </div>
  );
}
