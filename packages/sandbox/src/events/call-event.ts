/** The platform's event for one change of a call. */
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

/** One delivery attempt of an event; `status` is null without an answer, `ms` until there is one. */
export type Sending = { at: number; url: string; status: number | null; ms: number | null };

/** One event and its deliveries. `at` is in epoch milliseconds; `dropped`: randomly chosen not to be sent. */
export type EventEntry = {
  seq: number;
  at: number;
  event: CallEvent;
  dropped: boolean;
  sendings: Sending[];
};
