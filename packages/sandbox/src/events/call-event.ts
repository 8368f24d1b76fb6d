/** The message of the platform about one change of a call. */
export type CallEvent = {
  id?: string;
  type: string;
  timestamp: string;
  event_data: {
    id: string;
    state?: string;
    privacy?: boolean;
    transferType?: string;
    target?: { id: string; type?: string };
  };
};

/** One attempt to hand an event over; `status` is null where there was no answer, `ms` while there is none yet. */
export type Sending = { at: number; url: string; status: number | null; ms: number | null };

/** One event and what became of it. `at` is in epoch milliseconds; `dropped`: drawn to be sent to no webhook. */
export type EventEntry = {
  seq: number;
  at: number;
  event: CallEvent;
  dropped: boolean;
  sendings: Sending[];
};
