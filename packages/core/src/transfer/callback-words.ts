/**
 * What a callback says: `ended`: the transfer has an outcome; `unconfirmed`: it may have happened, and is being checked;
 * `contradicted`: the call was moved, although the transfer had ended otherwise.
 */
export const callbackTypes = ['transfer.ended', 'transfer.unconfirmed', 'transfer.contradicted'] as const;
export type CallbackType = (typeof callbackTypes)[number];

export const callbackEnds = ['delivered', 'gave-up'] as const;
export type CallbackEnd = (typeof callbackEnds)[number];

export const callbackStates = ['waiting', ...callbackEnds] as const;
export type CallbackState = (typeof callbackStates)[number];

/** One try; `status` if there was an answer, `error` in words unless it was accepted. */
export type CallbackTry = { at: number; ms: number; status?: number | undefined; error?: string | undefined };

/** The deliveries of a message to the upstream. Times are epoch milliseconds by Redis' clock. */
export type Delivery = {
  /** Of the message; the same for each try. */
  id: string;
  type: CallbackType;
  /** When it was written: in the step of which it tells. */
  at: number;
  giveUpAt: number;
  /** Not tried before then; meaningless once it has ended. */
  nextAt: number;
  state: CallbackState;
  /** Tries so far. */
  tried: number;
  /** The latest of them. */
  tries: CallbackTry[];
  /** Why it was given up, or why it waits. */
  why?: string | undefined;
};

/** The transfer that a callback belongs to. */
export function transferOfCallback(callbackId: string): string {
  return callbackId.slice(0, callbackId.lastIndexOf('_'));
}
