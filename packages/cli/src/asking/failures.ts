import { HandoverError, HandoverProblem, HandoverUnreachable } from '@handover/client';
import { EXIT } from '../command.ts';

const SERVES_NOT_NOW = [429, 502, 503, 504];

/** What to tell about a failure of asking the API, and the exit code; `undefined` if it is none. Pure. */
export function failureOf(error: unknown, shownUrl: string): { words: string; code: number } | undefined {
  if (error instanceof HandoverUnreachable)
    return {
      words: `${error.message}. Is the API running at ${shownUrl} (HANDOVER_URL)?`,
      code: EXIT.unreachable,
    };
  if (error instanceof HandoverProblem) return { words: problemWords(error), code: codeOf(error.status) };
  if (error instanceof HandoverError) return { words: error.message, code: EXIT.failed };
  return undefined;
}

function codeOf(status: number): number {
  if (status === 400) return EXIT.usage;
  if (status === 401 || status === 403) return EXIT.refused;
  return SERVES_NOT_NOW.includes(status) ? EXIT.unreachable : EXIT.failed;
}

/** Its detail also names the fields that are wrong. */
function problemWords({ problem: { title, detail }, status }: HandoverProblem): string {
  const words = `${title}: ${detail}`;
  if (status !== 401) return words;
  return `${words} Set HANDOVER_API_KEY to a key of the API, or ADMIN_USER and ADMIN_PASSWORD to the operator's login.`;
}
