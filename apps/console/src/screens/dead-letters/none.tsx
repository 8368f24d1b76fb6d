import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/code.tsx';
import { Empty } from '../../ui/empty.tsx';

const OUTAGE = `curl -X POST http://127.0.0.1:4010/control/scripts -H 'content-type: application/json' \\
  -d '{"operation":"call","id":"call-2","steps":[{"status":503,"times":5}]}'`;

/** There are no dead letters: that is good. What they are, and how to see one. */
export function None() {
  return (
    <Empty title="No dead letters. That is good.">
      <p>
        A transfer becomes a dead letter when Handover cannot end it well by itself: it failed after all
        retries, or stayed in doubt for too long. Then it waits here, until an operator replays it, or states
        what became of its call. Nothing needs you now; new ones show here by themselves.
      </p>
      <details>
        <summary>To see one, with the sandbox</summary>
        <p>
          Let the sandbox fail for a call, then transfer that call. With the default settings its retries take
          some minutes; <code>SERVER_ERROR_MAX_RETRIES=0</code> makes it quick.
        </p>
        <Code>{OUTAGE}</Code>
      </details>
    </Empty>
  );
}

/** None has what was asked for. */
export function NoMatch({ isAll, onAll }: { isAll: boolean; onAll: () => void }) {
  return (
    <Empty title={isAll ? 'No dead letter matches' : 'None among the newest'}>
      <p>
        {isAll
          ? 'There may be others, with another kind, reason or time.'
          : 'Only the newest were looked at; older ones may match. Narrow the times to find them.'}
      </p>
      <div>
        <Button onPress={onAll}>Show all dead letters</Button>
      </div>
    </Empty>
  );
}
