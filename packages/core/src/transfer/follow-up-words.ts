/** What is done after a move that happened, and never changes its outcome. */
export const followUpKinds = ['wrap-up'] as const;
export type FollowUpKind = (typeof followUpKinds)[number];

/** How a follow-up ends. `superseded`: somebody else has done it, or it is no longer wanted. */
export const followUpEnds = ['done', 'superseded', 'gave-up'] as const;
export type FollowUpEnd = (typeof followUpEnds)[number];

export const followUpStates = ['waiting', ...followUpEnds] as const;
export type FollowUpState = (typeof followUpStates)[number];

/** What a sending leaves to be done once it has happened. Both times in ms, from the settlement on. */
export type LeftToDo = {
  kind: FollowUpKind;
  /** The dialect's own; JSON. */
  data: unknown;
  /** Not to be tried before. */
  afterMs: number;
  /** Given up after that. */
  forMs: number;
};

/** A step after the outcome. Times are epoch milliseconds by Redis' clock. */
export type FollowUp = {
  id: string;
  kind: FollowUpKind;
  data: unknown;
  dueAt: number;
  giveUpAt: number;
  /** Tries that came to nothing yet. */
  tries: number;
  state: FollowUpState;
  /** Why it ended so, or why it still waits. */
  why?: string | undefined;
};

/** The n-th follow-up of a transfer, from 1: the same one, whoever settles the transfer and however often. */
export function followUpId(transferId: string, n: number): string {
  return `${transferId}.${n}`;
}

/** Whose follow-up it is. */
export function transferOf(followUpId: string): string {
  return followUpId.slice(0, followUpId.lastIndexOf('.'));
}
