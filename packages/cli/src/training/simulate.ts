import { randomUUID } from 'node:crypto';
import { HandoverProblem, type TimelineEntry } from '@handover/client';
import { type Asking, askingCommand } from '../asking/command.ts';
import type { Options } from '../asking/options.ts';
import { EXIT } from '../command.ts';
import { stepLine } from '../explain/command.ts';
import { toldStep } from '../explain/explain.ts';
import { createTable } from '../print/table.ts';

const HELP = `Usage: handover simulate [options]

Moves a simulated call: the real pipeline against the sandbox, and never a live call. Takes up to 30 s.

  --scenarios         lists the scenarios, and what should be done about each
  --scenario <name>   what goes wrong, such as lost-answer; plain (nothing) by default
  --call, --user <id> the call and the agent; a call of its own and agent-1 by default
  --queue <id>        the target; queue-support by default
  --fallback <id>     the queue where to, when the target is closed; queue-sales by default
  --consult           a consult; without it the transfer is blind
  --trainee <name>    who practises, and
  --class <name>      with whom: for the list of training runs
  --json, --text      JSON (the answer, or the problem) is the default in a pipe, text on a terminal

Exit code: 0 if the call was moved, 1 if it was not.

Example, after npm start:

  handover simulate --scenario lost-answer
`;

const OPTIONS = {
  scenarios: { type: 'boolean' },
  scenario: { type: 'string', default: 'plain' },
  call: { type: 'string' },
  user: { type: 'string', default: 'agent-1' },
  queue: { type: 'string', default: 'queue-support' },
  fallback: { type: 'string', default: 'queue-sales' },
  consult: { type: 'boolean', default: false },
  trainee: { type: 'string' },
  class: { type: 'string' },
} as const satisfies Options;

type Simulating = Asking<typeof OPTIONS>;

/** `handover simulate`. */
export const simulate = askingCommand({
  help: HELP,
  options: OPTIONS,
  async run(simulating) {
    const { api, values, print, progress, signal } = simulating;
    if (values.scenarios === true) return listScenarios(simulating);
    const run = {
      scenario: values.scenario ?? 'plain',
      callId: values.call ?? `practice-${randomUUID().slice(0, 8)}`,
      userId: values.user ?? '',
      targetQueueId: values.queue ?? '',
      fallbackQueueId: values.fallback,
      transferType: values.consult ? ('consult' as const) : ('blind' as const),
      ...(values.trainee !== undefined && { trainee: values.trainee }),
      ...(values.class !== undefined && { class: values.class }),
    };
    const waiting = progress.waiting(`The run ${run.scenario} takes up to 30 s:`);
    try {
      const answer = await api.client.simulator.transfer(run, { signal });
      waiting.stop();
      if (print.isJson) print.document(answer);
      else {
        showSteps(answer.timeline, simulating);
        print.line(`Moved to queue ${answer.target?.id}${answer.isFallback ? ', the fallback' : ''}.`);
      }
      return EXIT.fine;
    } catch (error) {
      waiting.stop();
      if (!(error instanceof HandoverProblem) || !error.code.startsWith('simulated-transfer-')) throw error;
      return notMoved(error, simulating);
    }
  },
});

async function listScenarios({ api, print, signal }: Simulating): Promise<number> {
  const scenarios = await api.client.simulator.scenarios({ signal });
  if (print.isJson) print.document(scenarios);
  else
    createTable(['SCENARIO', 'WHAT HAPPENS', 'WHAT TO DO'], print.line).add(
      scenarios.items.map(({ scenario, description, handling }) => [scenario, description, handling]),
    );
  return EXIT.fine;
}

function notMoved({ problem, detail }: HandoverProblem, simulating: Simulating): number {
  const { print } = simulating;
  if (print.isJson) print.document(problem);
  else {
    showSteps((problem.timeline ?? []) as unknown as TimelineEntry[], simulating);
    print.line(`Not moved: ${detail}.`.replace(/\.\.$/, '.'));
  }
  return EXIT.failed;
}

function showSteps(timeline: TimelineEntry[], { print }: Simulating): void {
  const acceptedAt = timeline[0]?.at ?? '';
  for (const entry of timeline) {
    // Who asked is known, and what was asked for stands on the command line.
    if (entry.step === 'accepted') continue;
    const step = toldStep(entry, { request: null, acceptedAt, expiresAt: acceptedAt });
    if (step !== undefined) print.line(stepLine(step));
  }
  if (timeline.length > 0) print.line();
}
