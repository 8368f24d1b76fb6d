import type { Action, AuditEntry } from '@handover/client';

export type Deed = Pick<Action, 'action' | 'actor' | 'reason' | 'startedAt' | 'endedAt'>;

/** An action has ended a moment after its last entry. */
const SLACK_MS = 1_000;

/**
 * The action over many that wrote this entry of a single dead letter: it has the action's actor and reason, and falls into its time.
 * Undefined: somebody did it by itself.
 */
export function actionOf<Known extends Deed>(
  entry: Pick<AuditEntry, 'action' | 'actor' | 'reason' | 'at'>,
  actions: readonly Known[],
): Known | undefined {
  return actions.find(
    (action) =>
      action.action === entry.action &&
      action.actor === entry.actor &&
      isReasonOf(action, entry.reason) &&
      isWithin(action, Date.parse(entry.at)),
  );
}

/** A resolution says first whether it happened. */
function isReasonOf({ action, reason }: Deed, given: string): boolean {
  return action === 'resolve' ? given.endsWith(`: ${reason}`) : given === reason;
}

function isWithin({ startedAt, endedAt }: Deed, at: number): boolean {
  return at >= Date.parse(startedAt) && (endedAt === null || at <= Date.parse(endedAt) + SLACK_MS);
}
