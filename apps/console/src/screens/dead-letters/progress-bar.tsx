import type { Action } from '@handover/client';
import { progressOf } from './progress.ts';

/** How far an action is, as a bar and in figures. */
export function ProgressBar({ action }: { action: Action }) {
  const { total, done, failed } = action;
  const { skipped, over, left, percent } = progressOf(action);
  const figures = [
    `${done.toLocaleString()} ${action.action === 'replay' ? 'replayed' : 'resolved'}`,
    `${skipped.toLocaleString()} left out`,
    `${failed.toLocaleString()} failed`,
    ...(left > 0 ? [`${left.toLocaleString()} to go`] : []),
  ].join(', ');
  return (
    <div className="stack tight">
      <div
        className="progress"
        role="progressbar"
        aria-label="Progress of the action"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={over}
        aria-valuetext={`${over} of ${total}: ${figures}`}
      >
        <div style={{ width: `${percent}%` }} />
      </div>
      <p className="progress-figures">
        <strong>
          {over.toLocaleString()} of {total.toLocaleString()} ({percent} %)
        </strong>
        : {figures}.
      </p>
    </div>
  );
}
