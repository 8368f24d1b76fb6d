import type { TransferRecord } from '../transfer/words.ts';
import type { Bill, Discrepancy, Trail, TransferEvent } from './words.ts';

/** The events of each call, and the bills made from them. Each function is one atomic step in Redis. */
export interface TrailStore {
  /** Adds the event to its call's trail, once; returns the trail, and Redis' clock in epoch ms. */
  remember(event: TransferEvent, key: string): Promise<{ now: number; trail: Trail }>;
  trail(callId: string): Promise<Trail>;
  /**
   * Makes the bill, if none has its id, and notes its event. `changed`: the trail has changed since it was read, so read it
   * again. If the bill is for our own transfer, both are matched in the same step.
   */
  bill(
    bill: Bill,
    from: { version: number; eventKey: string } | 'record',
  ): Promise<'billed' | 'already' | 'changed'>;
}

export interface TransfersOfCall {
  /** Our transfers of this call, newest first. */
  recordsOfCall(callId: string): Promise<TransferRecord[]>;
  /** Whether the call belongs to a training run, which is not billed. */
  isTraining(callId: string): Promise<boolean>;
}

export interface Dispatcher {
  /** Queues the bill for every destination. If this fails, it is repeated later. */
  dispatch(bill: Bill): Promise<void>;
}

export type Overdue = {
  /** Epoch milliseconds by Redis' clock. */
  now: number;
  /** Transfers that happened, but without an event in time. */
  expected: string[];
  /** Transfers that an event showed, but that are not `transferred` in our record. */
  early: string[];
  /** Bills that were not dispatched. */
  undispatched: Bill[];
};

/** Double entry: transfers and events that wait for their counterpart. */
export interface MatchStore {
  /** Those that have waited longer than `windowMs`, at most `limit` of each. */
  overdue(windowMs: number, limit: number): Promise<Overdue>;
  /** Records the discrepancy; `gone`: it was resolved in the meantime. */
  name(discrepancy: Discrepancy, side: 'expected' | 'early'): Promise<'named' | 'gone'>;
  /** Stops waiting: it is matched, or its record was deleted. */
  drop(transferId: string, side: 'expected' | 'early'): Promise<void>;
}
