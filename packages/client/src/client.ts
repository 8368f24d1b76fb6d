import type { operations } from './api.ts';
import { everyItem } from './pages.ts';
import type { CallOptions, RetryOptions, Transport } from './request.ts';
import { transferCalls } from './transfers.ts';
import { createRequest } from './typed.ts';
import type { ActionPreview, ActionStarted, ReplayMany, ResolveMany, SimulatedTransfer } from './words.ts';

export type HandoverOptions = {
  /** Of the API, such as `http://127.0.0.1:3000`; also below a path. '' in a page that the API serves. */
  url: string;
  /** An API key. */
  key?: string | undefined;
  /** A name and password instead of a key. */
  login?: { user: string; password: string } | undefined;
  /** Sent with each request; asked anew each time. */
  headers?: (() => Record<string, string>) | undefined;
  fetch?: typeof fetch | undefined;
  retry?: RetryOptions | undefined;
  /** How long one try may take; 60 s by default. */
  timeoutMs?: number | undefined;
};

export type Handover = ReturnType<typeof createHandover>;

type Query<O extends keyof operations> = NonNullable<operations[O]['parameters']['query']>;

/**
 * A client of the API at `url`. Its methods return what the API answers, or throw `HandoverProblem` with what it says is wrong,
 * or `HandoverUnreachable`.
 */
export function createHandover(options: HandoverOptions) {
  const transport = transportOf(options);
  const request = createRequest(transport);
  return {
    transfers: transferCalls(transport, request),

    deadLetters: {
      /** One page. */
      list: (query: Query<'listDeadLetters'> = {}, more?: CallOptions) =>
        request('get', '/api/dead-letters', { query, ...more }),
      /** Tries a dead letter again. */
      replay: (id: string, reason: string, more?: CallOptions) =>
        request('post', '/api/dead-letters/{id}/replay', { path: { id }, body: { reason }, ...more }),
      /** States whether the call of an unconfirmed transfer was moved, and how you know. */
      resolve: (id: string, happened: boolean, reason: string, more?: CallOptions) =>
        request('post', '/api/dead-letters/{id}/resolve', {
          path: { id },
          body: { happened, reason },
          ...more,
        }),
      /** How many would be tried again, and which. */
      previewReplay: (many: Omit<ReplayMany, 'reason'>, more?: CallOptions) =>
        request('post', '/api/dead-letters/replay', {
          body: { ...many, dryRun: true },
          ...more,
        }) as Promise<ActionPreview>,
      /** Has all that match tried again: an action of the workers. */
      replayMany: (many: ReplayMany, more?: CallOptions) =>
        request('post', '/api/dead-letters/replay', {
          body: { ...many, dryRun: false },
          ...more,
        }) as Promise<ActionStarted>,
      /** How many would be resolved, and which. */
      previewResolve: (many: Omit<ResolveMany, 'reason'>, more?: CallOptions) =>
        request('post', '/api/dead-letters/resolve', {
          body: { ...many, dryRun: true },
          ...more,
        }) as Promise<ActionPreview>,
      /** States of all that match whether their calls were moved: an action of the workers. */
      resolveMany: (many: ResolveMany, more?: CallOptions) =>
        request('post', '/api/dead-letters/resolve', {
          body: { ...many, dryRun: false },
          ...more,
        }) as Promise<ActionStarted>,
    },

    /** Replays and resolutions of many, which workers carry out. */
    actions: {
      list: (more?: CallOptions) => request('get', '/api/actions', more),
      get: (id: string, more?: CallOptions) => request('get', '/api/actions/{id}', { path: { id }, ...more }),
      /** What is not begun is left. */
      stop: (id: string, reason: string, more?: CallOptions) =>
        request('post', '/api/actions/{id}/stop', { path: { id }, body: { reason }, ...more }),
    },

    reports: {
      quality: (query: Query<'getQualityReport'> = {}, more?: CallOptions) =>
        request('get', '/api/reports/quality', { query, ...more }),
      billing: (query: Query<'getBillingReport'> = {}, more?: CallOptions) =>
        request('get', '/api/reports/billing', { query, ...more }),
    },

    billing: {
      /** One page of bills. */
      records: (query: Query<'listBillingRecords'> = {}, more?: CallOptions) =>
        request('get', '/api/billing/records', { query, ...more }),
      /** All bills, page by page. */
      allRecords: (query: Query<'listBillingRecords'> = {}, more?: CallOptions) =>
        everyItem((cursor) =>
          request('get', '/api/billing/records', { query: { ...query, ...cursor }, ...more }),
        ),
      /** All bills of a month or range as one CSV file; its last line counts its rows. */
      export: (query: Query<'exportBilling'>, more?: CallOptions) =>
        request('get', '/api/billing/export', { query, ...more }),
      /** One page of discrepancies. */
      discrepancies: (query: Query<'listBillingDiscrepancies'> = {}, more?: CallOptions) =>
        request('get', '/api/billing/discrepancies', { query, ...more }),
    },

    /** What works, what waits and why, and what to do. */
    status: (more?: CallOptions) => request('get', '/api/status', more),

    queues: {
      pause: (name: string, reason: string, more?: CallOptions) =>
        request('post', '/api/queues/{name}/pause', { path: { name }, body: { reason }, ...more }),
      resume: (name: string, reason: string, more?: CallOptions) =>
        request('post', '/api/queues/{name}/resume', { path: { name }, body: { reason }, ...more }),
    },

    simulator: {
      /** Runs a transfer of a simulated call, and waits for its outcome, at most 30 s. */
      transfer: (run: SimulatedTransfer, more?: CallOptions) =>
        request('post', '/api/simulator/transfer', { body: run, ...more }),
      /** What can be practised, and what should be done about it. */
      scenarios: (more?: CallOptions) => request('get', '/api/simulator/scenarios', more),
      /** One page of what was practised. */
      runs: (query: Query<'listTrainingRuns'> = {}, more?: CallOptions) =>
        request('get', '/api/simulator/runs', { query, ...more }),
    },

    request,
  };
}

function transportOf({
  url,
  key,
  login,
  headers,
  fetch: given,
  retry,
  timeoutMs = 60_000,
}: HandoverOptions): Transport {
  const authorization =
    key !== undefined ? `Bearer ${key}` : login && `Basic ${base64(`${login.user}:${login.password}`)}`;
  return {
    url: url.replace(/\/+$/, ''),
    headers: () => ({ ...(authorization !== undefined && { authorization }), ...headers?.() }),
    // Called as a method of something else, browsers refuse it.
    fetch: given ?? ((...asked) => fetch(...asked)),
    retry: { tries: 4, mostWaitMs: 10_000, ...retry },
    timeoutMs,
  };
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
