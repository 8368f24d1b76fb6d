import { createHandover, type Handover, HandoverError, HandoverProblem } from '@handover/client';
import { QueryClient } from '@tanstack/react-query';

/** Where the console and its API are below, without a slash at the end: '' or the prefix of a proxy. */
export const base = new URL(document.baseURI).pathname.replace(/\/+$/, '');

let csrfToken: string | null = null;

/** Sent with whatever changes something, once a session has one. */
export function setToken(token: string | null): void {
  csrfToken = token;
}

/** The API that serves this page; the cookie of the session goes along by itself. */
export const handover: Handover = createHandover({
  url: base,
  headers: () => (csrfToken === null ? {} : { 'x-csrf-token': csrfToken }),
  retry: { tries: 2 },
});

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // The client itself tries again what may pass.
      retry: false,
      // While a lost connection heals, what was shown stays.
      placeholderData: (previous: unknown) => previous,
    },
  },
});

/** What to tell a person of an error: what happened, and the fields of an invalid request. */
export function wordsOf(error: unknown): { title: string; detail: string; fields: string[] } {
  if (error instanceof HandoverProblem) {
    const fields = error.errors.map(({ field, message }) => `${field}: ${message}`);
    // Its detail repeats the fields.
    return { title: error.problem.title, detail: fields.length > 0 ? '' : error.detail, fields };
  }
  if (error instanceof HandoverError)
    return { title: 'Handover does not answer', detail: error.message, fields: [] };
  return { title: 'The console has a fault', detail: String(error), fields: [] };
}

/** Whether the caller has to sign in. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof HandoverProblem && error.code === 'unauthenticated';
}
