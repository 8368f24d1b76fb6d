import type { TransferRecord } from '../transfer/words.ts';
import type { Bill, Discrepancy, Trail, TransferEvent } from './words.ts';

/** What is kept of a call's events, and the making of bills from them. Each function is one atomic step in Redis. */
export interface TrailStore {
  /** Adds the event to its call's trail, once; gives the trail, and Redis' clock in epoch ms. */
  remember(event: TransferEvent, key: string): Promise<{ now: number; trail: Trail }>;
  trail(callId: string): Promise<Trail>;
  /**
   * Makes the bill, if there is none of its id, and notes that this event led to it. `changed`: the trail has grown since
   * it was read, so look again. Where the bill is one of our own transfer's, both sides are matched in the same step.
   */
  bill(
    bill: Bill,
    from: { version: number; eventKey: string } | 'record',
  ): Promise<'billed' | 'already' | 'changed'>;
}

export interface TransfersOfCall {
  /** Our transfers of this call, newest first. */
  recordsOfCall(callId: string): Promise<TransferRecord[]>;
  /** The call is one of a training run, which is not billed. */
  isTraining(callId: string): Promise<boolean>;
}

export interface Dispatcher {
  /** Puts the bill on its way to every destination. What fails here is done again later. */
  dispatch(bill: Bill): Promise<void>;
}

export type Overdue = {
  /** Epoch milliseconds by Redis' clock. */
  now: number;
  /** Transfers that happened, and of which no event told in time. */
  expected: string[];
  /** Transfers of which an event told, and of which our record does not know that they happened. */
  early: string[];
  /** Bills that were not dispatched. */
  undispatched: Bill[];
};

/** The double entry: what waits for its other side. */
export interface MatchStore {
  /** What has waited for longer than `windowMs`, at most `limit` of each. */
  overdue(windowMs: number, limit: number): Promise<Overdue>;
  /** Gives the disagreement its name; `gone`: it was settled meanwhile. */
  name(discrepancy: Discrepancy, side: 'expected' | 'early'): Promise<'named' | 'gone'>;
  /** It waits for nothing any more: it is matched, or forgotten. */
  drop(transferId: string, side: 'expected' | 'early'): Promise<void>;
}
