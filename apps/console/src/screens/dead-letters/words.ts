import type { Kind } from './filter.ts';
import { isInDoubt } from './groups.ts';

/** What the kind of a dead letter means. */
export const KIND_WORDS: Record<Kind, string> = {
  failed: 'The call was not moved; another try might succeed.',
  unconfirmed: 'It was sent, and whether the call was moved stayed unknown for too long.',
  held: 'It may have been sent before Redis lost data. A replay may move the call twice.',
  contradicted: 'It had ended otherwise, and then proved to have moved the call.',
};

/** What to do about a kind. */
export const KIND_ADVICE: Record<Kind, string> = {
  failed:
    'They certainly did not happen, so there is nothing to resolve. A replay asks Genesys again; one whose call is over meanwhile ends as rejected, and leaves the list.',
  unconfirmed: 'Ask the agent, or look at the call in Genesys; then resolve it: was the call moved?',
  held: 'Look at the calls in Genesys, then resolve them.',
  contradicted: 'Tell the team of the upstream: it was told another outcome.',
};

/** What an operator may do about these kinds: only what is in doubt can be resolved. */
export function waysOut(kinds: readonly Kind[]): string {
  return kinds.some(isInDoubt) ? 'replay or resolve' : 'replay';
}

const SKIPPED_WORDS: Record<string, string> = {
  'not-a-dead-letter': 'no dead letter any more: somebody else was faster, or it has ended',
  changed: 'no longer matches, or became a dead letter again after the action began',
  'call-already-in-transfer': 'another transfer holds its call',
  'not-unconfirmed': 'whether it happened is known: only unconfirmed and held ones can be resolved',
  held: 'it may have been sent already: choose the kind held by itself to replay it',
};

/** Why something was left out. */
export function skippedWords(why: string): string {
  return SKIPPED_WORDS[why] ?? why;
}

/** `1 dead letter`, `2 dead letters`, with separators in large numbers. */
export function many(count: number, thing: string): string {
  return `${count.toLocaleString()} ${thing}${count === 1 ? '' : 's'}`;
}
