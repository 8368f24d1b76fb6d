import type { TrainingRun } from '@handover/client';
import type { Tone } from '../../ui/badge.tsx';
import { reasonWords } from '../../ui/reasons.ts';
import { endWords, predictionName } from './words.ts';

export type Verdict = { tone: Tone; badge: string; title: string; detail: string };

type Handled = Pick<TrainingRun, 'met' | 'expected' | 'ended'>;
type Predicted = Handled & Pick<TrainingRun, 'predicted' | 'predictionMet'>;

/** Whether Handover did what should be done. A call that is rightly not moved is as good as one that is. Pure. */
export function handlingOf({ met, expected, ended }: Handled): Verdict {
  if (expected === undefined)
    return {
      ...{ tone: 'quiet', badge: 'not judged' },
      title: 'This run is not judged',
      detail: 'The sandbox does not say how a run of this scenario should end.',
    };
  if (ended === null)
    return {
      ...{ tone: 'bad', badge: 'no outcome' },
      title: 'The run had no outcome in time',
      detail: `It should have ended as “${endWords(expected)}”. Most likely no worker is running.`,
    };
  if (!met)
    return {
      ...{ tone: 'bad', badge: 'not as expected' },
      title: 'Handover did not do what it should',
      detail: `It should have ended as “${endWords(expected)}”. It ended as “${endWords(ended)}”.`,
    };
  const isMoved = ended.status === 'transferred';
  return {
    ...{ tone: 'good', badge: 'as it should' },
    title: isMoved ? 'Success: the call was moved' : 'Success: rightly, nothing was moved',
    detail: isMoved ? movedWords(ended.isFallback === true) : stayedWords(ended),
  };
}

function movedWords(isFallback: boolean): string {
  return isFallback
    ? 'It went to the fallback queue, once. That is how this run should end.'
    : 'It went to its target, once. That is how this run should end.';
}

function stayedWords({ reason }: NonNullable<TrainingRun['ended']>): string {
  const why = reason === undefined ? 'it ended' : reasonWords(reason);
  return `Handover saw why the move must not happen, or no longer can: ${why}. That is how this run should end.`;
}

/** Whether a prediction counts: not where there was no outcome, or where Handover itself did not do what it should. Pure. */
export function isCounted({ predicted, expected, met, ended }: Predicted): boolean {
  return predicted !== undefined && ended !== null && (expected === undefined || met);
}

/** Whether the trainee was right. Pure. */
export function predictionOf(run: Predicted): Verdict {
  const { predicted, predictionMet, ended } = run;
  const end = ended === null ? 'No outcome' : endWords(ended);
  if (predicted === undefined)
    return {
      ...{ tone: 'quiet', badge: 'none' },
      title: 'No prediction',
      detail: `This run was only looked at. It ended as “${end}”.`,
    };
  const said = predictionName(predicted);
  if (!isCounted(run))
    return {
      ...{ tone: 'quiet', badge: 'not counted' },
      title: 'The prediction does not count',
      detail: `Predicted: “${said}”. ${ended === null ? 'The run had no outcome' : 'Handover did not do what it should'}, so it says nothing about the trainee: run it again.`,
    };
  if (predictionMet)
    return {
      ...{ tone: 'good', badge: 'right' },
      title: 'The prediction is right',
      detail: `Predicted: “${said}”. It ended as “${end}”.`,
    };
  return {
    ...{ tone: 'waiting', badge: 'wrong' },
    title: 'The prediction is not right',
    detail: `Predicted: “${said}”. It ended as “${end}”.`,
  };
}
