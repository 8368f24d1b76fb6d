import type { Phase } from '../../transfer/classify.ts';
import type { Failure, Meaning } from '../../transfer/ports.ts';

/** The meaning of a status of the voice API (docs/voice-api.md). Pure. Its codes add nothing to the status. */
export function classifyVoice(status: number, phase: Phase): Meaning {
  if (status === 429) return 'limited';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'gone';
  if ((status === 409 || status === 412) && phase === 'effect') return 'changed';
  return isServerTrouble(status) ? 'unwell' : 'invalid';
}

/** Degradation, a redirect (never followed), a proxy's time-out. */
function isServerTrouble(status: number): boolean {
  return status >= 500 || status < 400 || status === 408 || status === 425;
}

/** The same failure with its meaning in this phase. */
export function meant(failure: Failure, phase: Phase): Failure {
  return failure.kind === 'answered' ? { ...failure, means: classifyVoice(failure.status, phase) } : failure;
}
