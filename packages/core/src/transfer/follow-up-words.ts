/** A task after a successful transfer; it never changes the outcome. */
export const followUpKinds = ['wrap-up', 'skills'] as const;
export type FollowUpKind = (typeof followUpKinds)[number];

/** How a follow-up ends. `superseded`: someone else has done it, or it is no longer needed. */
export const followUpEnds = ['done', 'superseded', 'gave-up'] as const;
export type FollowUpEnd = (typeof followUpEnds)[number];

export const followUpStates = ['waiting', ...followUpEnds] as const;
export type FollowUpState = (typeof followUpStates)[number];

/** A follow-up that an effect needs once it has happened. Both times in ms from the settlement. */
export type LeftToDo = {
  kind: FollowUpKind;
  /** Defined by the dialect; JSON. */
  data: unknown;
  /** Not tried before then. */
  afterMs: number;
  /** Given up after that. */
  forMs: number;
};

/** A follow-up as stored. Times are epoch milliseconds by Redis' clock. */
export type FollowUp = {
  id: string;
  kind: FollowUpKind;
  data: unknown;
  dueAt: number;
  giveUpAt: number;
  /** Failed tries so far. */
  tries: number;
  state: FollowUpState;
  /** Why it ended this way, or why it still waits. */
  why?: string | undefined;
};

/** The id of a transfer's n-th follow-up, from 1: deterministic, so that settling twice creates none twice. */
export function followUpId(transferId: string, n: number): string {
  return `${transferId}.${n}`;
}

/** The transfer that a follow-up belongs to. */
export function transferOf(followUpId: string): string {
  return followUpId.slice(0, followUpId.lastIndexOf('.'));
}
