import type { operations } from './api.ts';
import { HandoverProblem, HandoverTimeout } from './errors.ts';
import { everyItem } from './pages.ts';
import { type CallOptions, type KnownFailure, mayPass, pause, type Transport } from './request.ts';
import { type Followed, follow, type StreamOptions } from './stream.ts';
import { filled, type TypedRequest } from './typed.ts';
import type {
  Accepted,
  BatchResult,
  Outcome,
  TimelineEntry,
  Transfer,
  TransferItem,
  TransferRequest,
} from './words.ts';

export type SubmitOptions = CallOptions & {
  /** Names this submission: the same key and request again get the first answer. One is made for each call by default. */
  idempotencyKey?: string | undefined;
};
export type WaitOptions = CallOptions & {
  /** `HandoverTimeout` after this time; 60 s by default. */
  timeoutMs?: number | undefined;
};

/** An event of a transfer's stream. `id`: what to resume after. */
export type TransferEvent =
  | { type: 'timeline'; id: string; data: TimelineEntry }
  | { type: 'outcome'; id: string; data: Outcome };

/**
 * `ready`: what changes from here on is sent. `transfer`: one that changed, as in the list. `reset`: too much has changed since
 * the stream was interrupted; load the list again.
 */
export type ChangeEvent =
  | { type: 'ready' | 'reset'; id: string }
  | { type: 'transfer'; id: string; data: TransferItem };

type ListQuery = NonNullable<operations['listTransfers']['parameters']['query']>;

const USUAL_WAIT_MS = 60_000;
const FIRST_POLL_MS = 500;
const LONGEST_POLL_MS = 5_000;

/** The operations of transfers. */
export function transferCalls(transport: Transport, request: TypedRequest) {
  const get = (id: string, options: CallOptions = {}): Promise<Transfer> =>
    request('get', '/api/transfers/{id}', { path: { id }, ...options });

  const events = (id: string, options: StreamOptions = {}) => eventsOf(transport, id, options);

  return {
    /** Submits a transfer. It is accepted once, however often the request has to be sent. */
    submit: (transfer: TransferRequest, options: SubmitOptions = {}): Promise<Accepted | Transfer> =>
      request('post', '/api/transfers', { body: transfer, ...submission(options) }),

    /** Submits up to 1,000 transfers, each accepted or refused for itself; the results are in their order. */
    submitBatch: async (
      transfers: TransferRequest[],
      options: SubmitOptions = {},
    ): Promise<BatchResult[]> => {
      const body = { transfers };
      return (await request('post', '/api/transfers/batch', { body, ...submission(options) })).results;
    },

    /** The transfer with its timeline. */
    get,

    /** One page of the list, newest first. */
    list: (query: ListQuery = {}, options: CallOptions = {}) =>
      request('get', '/api/transfers', { query, ...options }),

    /** All transfers of the list, page by page. */
    all: (query: ListQuery = {}, options: CallOptions = {}) =>
      everyItem((cursor) => request('get', '/api/transfers', { query: { ...query, ...cursor }, ...options })),

    /** Every change of every transfer from now on, or after `lastEventId`; survives interruptions. */
    changes: (options: StreamOptions = {}) => changesOf(transport, options),

    /** Cancels a transfer, for a `reason` that is kept; the problem `too-late` if it was sent or has ended. */
    cancel: (id: string, { reason, ...options }: CallOptions & { reason?: string } = {}): Promise<Transfer> =>
      request('delete', '/api/transfers/{id}', {
        path: { id },
        ...(reason !== undefined && { query: { reason } }),
        ...options,
      }),

    /** What happens to a transfer, from its beginning, until its outcome; survives interruptions. */
    events,

    /** Waits for the outcome, and returns the transfer with it. Throws `HandoverTimeout` if it takes longer. */
    waitFor: async (
      id: string,
      { timeoutMs = USUAL_WAIT_MS, signal }: WaitOptions = {},
    ): Promise<Transfer> => {
      const timeout = AbortSignal.timeout(timeoutMs);
      const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
      try {
        await streamToOutcome(transport, id, either);
        return await untilEnded(() => get(id, { signal: either }), either);
      } catch (error) {
        signal?.throwIfAborted();
        if (!timeout.aborted) throw error;
        throw new HandoverTimeout(`The transfer ${id} had no outcome within ${timeoutMs} ms. It goes on.`);
      }
    },
  };
}

function submission({ idempotencyKey = randomKey(), signal }: SubmitOptions) {
  return { headers: { 'idempotency-key': idempotencyKey }, signal };
}

/** Not `randomUUID`, which browsers have on https pages only. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function* eventsOf(
  transport: Transport,
  id: string,
  options: StreamOptions & Pick<Followed, 'isTemporary'>,
): AsyncGenerator<TransferEvent> {
  const followed = { ...options, path: filled('/api/transfers/{id}/events', { id }), lastType: 'outcome' };
  for await (const { type, id: eventId, data } of follow(transport, followed))
    if (type === 'timeline' || type === 'outcome')
      yield { type, id: eventId, data: JSON.parse(data) } as TransferEvent;
}

async function* changesOf(transport: Transport, options: StreamOptions): AsyncGenerator<ChangeEvent> {
  for await (const { type, id, data } of follow(transport, { ...options, path: '/api/transfers/stream' })) {
    if (type === 'transfer') yield { type, id, data: JSON.parse(data) };
    else if (type === 'ready' || type === 'reset') yield { type, id };
  }
}

/** Follows a transfer to its outcome. Returns early where this key has no stream left: then the transfer must be polled. */
async function streamToOutcome(transport: Transport, id: string, signal: AbortSignal): Promise<void> {
  const isTemporary = (failure: KnownFailure) => !isTooMany(failure) && mayPass(failure);
  try {
    for await (const { type } of eventsOf(transport, id, { signal, isTemporary }))
      if (type === 'outcome') return;
  } catch (error) {
    if (!isTooMany(error)) throw error;
  }
}

function isTooMany(error: unknown): boolean {
  return error instanceof HandoverProblem && error.code === 'too-many-waits';
}

async function untilEnded(get: () => Promise<Transfer>, signal: AbortSignal): Promise<Transfer> {
  for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_POLL_MS)) {
    const transfer = await get();
    if (transfer.outcome !== null) return transfer;
    await pause(waitMs, signal);
  }
}
