import type { Dialect, Target } from '@handover/core/transfer';

/** Faults of the next effects of a call; behaviour is normal after the last one. */
export type Scene =
  /** The call changes just before the request is handled, so it is refused. */
  | 'changed'
  /** Someone else moves the call just before, so it is refused. */
  | 'moved-by-another'
  /** It is executed, and the answer is lost. */
  | 'lost-after'
  /** It is not executed, and there is no answer. */
  | 'lost-before'
  /** It is executed, and the platform answers a server error. */
  | 'unwell-after'
  | 'unwell-before';

/** A test platform behind one of the dialects. Its actual effects can be queried. */
export type Stage = {
  name: string;
  platform: Dialect;
  settleWindowMs: number;
  putCall(callId: string): void;
  setOpen(target: Target, isOpen: boolean): void;
  script(callId: string, scenes: Scene[]): void;
  /** The caller's moves by our requests, in order. */
  moves(callId: string): Target[];
  /** How often a move of this call was requested. */
  requests(callId: string): number;
  close(): Promise<void>;
};
