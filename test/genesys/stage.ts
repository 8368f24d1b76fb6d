import type { Dialect, Target } from '@handover/core/transfer';

/** What the next sendings for a call meet. After the last one all is well. */
export type Scene =
  /** The call changes just before the request is looked at, so it is refused. */
  | 'changed'
  /** Somebody else moves the call just before, so it is refused. */
  | 'moved-by-another'
  /** It is carried out, and the answer is lost. */
  | 'lost-after'
  /** It is not carried out, and no answer comes. */
  | 'lost-before'
  /** It is carried out, and the platform answers that it is unwell. */
  | 'unwell-after'
  | 'unwell-before';

/** A platform to practise on, through one of the dialects. What it really did can be asked. */
export type Stage = {
  name: string;
  platform: Dialect;
  settleWindowMs: number;
  putCall(callId: string): void;
  setOpen(target: Target, isOpen: boolean): void;
  script(callId: string, scenes: Scene[]): void;
  /** The caller's moves by our requests, in order. */
  moves(callId: string): Target[];
  /** How often a move of this call was asked for. */
  requests(callId: string): number;
  close(): Promise<void>;
};
