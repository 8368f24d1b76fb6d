import type { Scenario, TrainingEnd, TrainingRun } from '@handover/client';
import { reasonWords } from '../../ui/reasons.ts';

export type Prediction = NonNullable<TrainingRun['predicted']>;

/** What can be predicted, in words that a trainee can choose by. */
export const PREDICTIONS: { value: Prediction; name: string; means: string }[] = [
  { value: 'moved', name: 'Moved', means: 'The call reaches the target, sooner or later, once.' },
  {
    value: 'moved-to-fallback',
    name: 'Moved to the fallback',
    means: 'The target does not take it, so the call goes to the fallback queue.',
  },
  {
    value: 'refused',
    name: 'Refused',
    means: 'The call is not moved, for a definite reason, and Handover says which.',
  },
  {
    value: 'failed',
    name: 'Failed',
    means: 'Handover tries, runs out of tries or time, and gives up. An operator must look.',
  },
];

const TITLES: Record<string, string> = {
  plain: 'An ordinary call',
  'queue-closed': 'The queue is closed',
  'private-call': 'A private call',
  'no-permission': 'An agent without permission',
  'etag-conflict': 'The call changes',
  'rate-limited': 'Too many requests',
  outage: 'An outage',
  'lost-answer': 'A lost answer',
  'caller-hangs-up': 'The caller hangs up',
};

/** What happens, for people; nothing here says what should come of it. */
const SITUATIONS: Record<string, string> = {
  plain: 'The target is open, and Genesys is well.',
  'queue-closed': 'The target queue has just closed.',
  'private-call': 'The call is marked as private.',
  'no-permission': 'This agent has no role that may transfer calls.',
  'etag-conflict': 'Handover reads the call. Just before it sends the move, the call changes, once.',
  'rate-limited':
    'Handover sends the move. Genesys answers 429, “too many requests”, and says how long to wait. Once.',
  outage:
    'Handover sends the move. Genesys answers 503, a server error, twice in a row. Then it is well again.',
  'lost-answer':
    'Handover sends the move. Genesys receives it, but the connection breaks before the answer arrives.',
  'caller-hangs-up':
    'Handover reads the call: the caller is there. Just before it sends the move, the caller hangs up.',
};

/** The title of a scenario; one that is new gets its own name as words. */
export function titleOf(scenario: string): string {
  if (Object.hasOwn(TITLES, scenario)) return TITLES[scenario] ?? scenario;
  const words = scenario.replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** The situation of a scenario, in words; those of the sandbox if it is a new one. */
export function situationOf({ scenario, description }: Pick<Scenario, 'scenario' | 'description'>): string {
  return Object.hasOwn(SITUATIONS, scenario) ? (SITUATIONS[scenario] ?? description) : description;
}

/** A prediction in a word or two. */
export function predictionName(predicted: Prediction): string {
  return PREDICTIONS.find(({ value }) => value === predicted)?.name ?? predicted;
}

/** How a run ended, or should: what a trainee could have predicted, with the reason. */
export function endWords(end: TrainingEnd): string {
  const why = end.reason === undefined ? '' : `: ${reasonWords(end.reason)}`;
  switch (end.status) {
    case 'transferred':
      return end.isFallback ? 'Moved to the fallback' : 'Moved';
    case 'rejected':
      return `Refused${why}`;
    case 'failed':
      return `Failed${why}`;
    case 'expired':
      return `Failed: the deadline passed${why}`;
    case 'cancelled':
      return `Failed: it was cancelled${why}`;
  }
}
