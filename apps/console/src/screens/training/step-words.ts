import type { TimelineEntry } from '@handover/client';
import { reasonWords } from '../../ui/reasons.ts';

/** An entry of a timeline, told. `why`: the rule in plain words. `rule`: as the timeline names it, if it decided. */
export type ToldStep = { title: string; why: string; rule: string | undefined };

/** What an entry tells, in plain words. `before`: the entries before it. Pure. */
export function tellStep(entry: TimelineEntry, before: TimelineEntry[]): ToldStep {
  return { title: titleOfStep(entry, before), why: whyOf(entry, before), rule: entry.rule };
}

function titleOfStep(entry: TimelineEntry, before: TimelineEntry[]): string {
  const { step, evidence = {}, decided = '', requests = [] } = entry;
  switch (step) {
    case 'accepted':
      return 'Handover accepts the transfer';
    case 'started':
      return hasStep(before, 'started') ? 'A worker takes it up again' : 'A worker takes it up';
    case 'read':
      if ('agent' in evidence) return 'It looks at agent, call and target';
      return 'fallback' in evidence ? 'It looks at the fallback' : 'It looks at the call again';
    case 'compared':
      return `It compares its note with the call: ${FOUND[decided] ?? decided}`;
    case 'decided':
      return decided === 'end' ? 'It decides: do not move the call' : `It decides: ${decided}`;
    case 'intent':
      return Number(evidence.sends) > 1
        ? 'It notes that it sends once more'
        : 'It notes what it is about to send';
    case 'sent':
      return `It sends the move: ${answerWords(requests.at(-1)?.status, decided)}`;
    case 'waiting':
      return 'It waits';
    case 'outcome':
      return `The end: ${outcomeWords(decided)}`;
    case 'contradicted':
      return 'It proves to have ended otherwise';
    case 'parked':
      return 'An operator must look';
    case 'replayed':
      return 'An operator has it tried again';
    case 'too-late':
      return 'It is too late for that';
  }
}

const FOUND: Record<string, string> = {
  clear: 'it did not happen',
  happened: 'it happened',
  'moved-by-another': 'somebody else moved the call',
  'not-yet': 'not moved so far',
  stale: 'the reading is too old',
  'too-soon': 'too soon to tell',
  'under-way': 'still under way',
  unknown: 'it cannot tell',
};

function answerWords(status: number | null | undefined, decided: string): string {
  if (decided === 'moved' || decided === 'accepted') return decided;
  if (status === undefined) return decided || 'nothing went out';
  if (status === null) return 'no answer';
  if (status === 409 || status === 412) return `${status}, the call has changed`;
  if (status === 429) return '429, too many requests';
  return status >= 500 ? `${status}, Genesys has trouble` : `Genesys answers ${status}`;
}

function outcomeWords(decided: string): string {
  const [status = '', reason] = decided.split(': ');
  const names: Record<string, string> = { transferred: 'the call was moved', rejected: 'refused' };
  return `${names[status] ?? status}${reason === undefined ? '' : `, ${reasonWords(reason)}`}`;
}

const STEP_WHY: Partial<Record<TimelineEntry['step'], string>> = {
  accepted:
    'From here on the transfer is attempted, even if every process dies now. It holds its call until its end.',
  read: 'A decision needs facts: may the agent transfer, is the call still there, is the target open?',
  sent: 'This is the one request that moves the caller. It cannot be undone, so it must happen at most once.',
};

/** Rules as the timeline names them, in plain words. */
const RULES: [RegExp, string][] = [
  [/^target open$/, 'Nothing forbids the move, and the target is open.'],
  [
    /^target is (closed|full|unstaffed)/,
    'The target takes no calls. So the fallback counts, if it is open itself.',
  ],
  [
    /^target not open, no fallback/,
    'The target takes no calls, and there is no fallback. The call stays with its agent.',
  ],
  [/^private call/, 'A private call is never moved. No request to move it is sent.'],
  [/^the agent lacks the permission/, 'This agent may not transfer calls. No request to move it is sent.'],
  [/^call ended/, 'The call is over. There is nothing left to move, and trying again would not help.'],
  [/^past the deadline/, 'Its deadline has passed. A late move would surprise everybody.'],
  [
    /^the open intent did not happen/,
    'The call was read afresh: the request that was refused has moved nothing.',
  ],
  [
    /^unmoved, but the settle window has not passed/,
    'The call is unmoved, but the last request may still take effect. Sending it again is safe all the same: it is for the call as it was read, so a second one would be refused.',
  ],
  [
    /^the call is where the intent wanted it/,
    'The call is where Handover wanted it, and was not there before. So the request did take effect: nothing is sent again.',
  ],
  [/^the platform confirmed the request/, 'Genesys has answered that the call was moved. That is proof.'],
  [
    /^the platform accepted the request/,
    'Accepted is not moved. Handover waits until the call itself shows that it was.',
  ],
  [
    /^command \S+ is Pending/,
    'Genesys is still working on it. Nothing is sent again; the call is read once more.',
  ],
  [
    /^leg \S+ is new/,
    'The call has a new leg where Handover wanted it, which was not there before. That is proof: nothing is sent again.',
  ],
  [/^rate limited/, 'Genesys asked for fewer requests. All workers hold off for as long as it asked.'],
  [
    /^the platform answered 5\d\d|^no answer/,
    'It is not known whether the call was moved: the transfer is unconfirmed. The wait grows with each try.',
  ],
];

function whyOf({ step, rule, evidence = {}, requests = [] }: TimelineEntry, before: TimelineEntry[]): string {
  const known = rule === undefined ? undefined : RULES.find(([pattern]) => pattern.test(rule))?.[1];
  if (known !== undefined) return known;
  if (rule !== undefined) return '';
  if (step === 'intent')
    return Number(evidence.sends) > 1
      ? 'It is the same note as before, so the platform can tell that it is the same move.'
      : 'The note is safe before the request goes out. Whoever takes over after a crash knows what may have happened.';
  if (step === 'started')
    return hasStep(before, 'sent')
      ? 'Something was sent before. So the first thing is to find out what came of it.'
      : 'One worker at a time owns a transfer. Anyone who is late cannot send.';
  if (step === 'read' && !('agent' in evidence))
    return 'The answer did not settle it. Only a fresh look at the call shows what is true now.';
  const status = requests.at(-1)?.status;
  if (step === 'sent' && status === null)
    return 'No answer does not mean that nothing happened. Sending it blindly again could move the call twice.';
  if (step === 'sent' && (status === 409 || status === 412))
    return 'The request was for the call as it was read. The call has changed since, so Genesys refused it, and nothing was moved.';
  if (step === 'sent' && status != null && status >= 500)
    return 'A server error does not say whether the call was moved. Handover treats it as unknown.';
  if (step === 'sent' && status != null && status >= 400 && status !== 429)
    return 'Genesys refused it. Before anything else Handover finds out what is true of the call now.';
  return STEP_WHY[step] ?? '';
}

function hasStep(entries: TimelineEntry[], step: TimelineEntry['step']): boolean {
  return entries.some((entry) => entry.step === step);
}
