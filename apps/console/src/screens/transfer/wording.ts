import type { TimelineEntry, Transfer } from '@handover/client';

type Reason = NonNullable<Transfer['waitingFor']>['reason'];

const WAITS: Record<Reason, { words: string; until: string }> = {
  turn: { words: 'It waits for a worker', until: 'at the earliest' },
  'not-before': { words: 'It waits for the time at which it may start', until: 'which is' },
  budget: { words: 'It waits for a free request of the Genesys budget', until: 'looked at again' },
  'hold-off': { words: 'It waits, as Genesys asked us to pause', until: 'until' },
  paused: { words: 'It waits, as an operator has paused the queue', until: 'looked at again' },
  retry: { words: 'It waits for its next try', until: 'which comes' },
  proof: { words: 'It waits for a reading that shows whether the call was moved', until: 'which comes' },
  confirmation: {
    words: 'Genesys has accepted the request; it waits for the end of it',
    until: 'read again',
  },
  consult: { words: 'It waits for the target of the consult to answer', until: 'looked at again' },
};

/** What an open transfer waits for, and what its time means, in words. */
export function waitWords(reason: Reason): { words: string; until: string } {
  return WAITS[reason];
}

/** What an entry of the timeline tells, as a short title. */
export function titleOf(entry: TimelineEntry): string {
  const { step, decided, detail, attempt, times, evidence = {} } = entry;
  switch (step) {
    case 'accepted':
      return 'Accepted';
    case 'started':
      return attempt === undefined ? 'A worker began' : `Run ${attempt} began`;
    case 'read':
      return `Read ${listOf(Object.keys(evidence))}`;
    case 'compared':
      return `Compared with what was sent: ${decided ?? 'no result'}`;
    case 'decided':
      return `Decided: ${decided ?? 'nothing'}`;
    case 'intent':
      return 'Wrote down what is about to be sent';
    case 'sent':
      return decided === undefined ? `Sent, but: ${detail ?? 'no answer'}` : `Sent: ${decided}`;
    case 'waiting':
      return `Waited${times === undefined ? '' : ` ${times} times in a row`}: ${decided ?? 'for its turn'}`;
    case 'outcome':
      return `Ended: ${decided ?? 'with an outcome'}`;
    case 'contradicted':
      return 'It proved to have happened after all';
    case 'parked':
      return `Left to an operator${decided === undefined ? '' : `: ${decided}`}`;
    case 'replayed':
      return 'Replayed';
    case 'too-late':
      return 'An answer came too late to count';
  }
}

/** What the title leaves out: the rule, and what else was noted. */
export function detailOf({ step, decided, detail, rule }: TimelineEntry): string | undefined {
  if (detail === undefined || detail === rule) return undefined;
  return step === 'sent' && decided === undefined ? undefined : detail;
}

/** A piece of evidence in one line. */
export function evidenceWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'type' in value && 'id' in value)
    return `${value.type} ${value.id}`;
  return JSON.stringify(value);
}

/** `a, b and c`. */
export function listOf(words: readonly string[]): string {
  const last = words.at(-1) ?? 'nothing';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
