import type { Handover } from '@handover/client';
import { askingCommand } from '../asking/command.ts';
import { EXIT } from '../command.ts';
import type { Print } from '../print/print.ts';

const HELP = `Usage: handover status [options]

Tells in plain words how the system is: one sentence, then its parts, and what to do.

  --json, --text   JSON is the default in a pipe, text on a terminal

✓ fine   … waits on purpose   ✗ trouble: → what to do   ? not known

Exit code: 0 without trouble, 1 with it.

Example, after npm start:

  handover status
`;

type Status = Awaited<ReturnType<Handover['status']>>;
type Part = Pick<Status, 'is' | 'says' | 'todo' | 'runbook'>;

const MARKS: Record<Part['is'], string> = { fine: '✓', waiting: '…', trouble: '✗', unknown: '?' };
const PARTS = {
  redis: 'Redis',
  genesys: 'Genesys',
  holdOff: 'Hold-off',
  budget: 'Budget',
  queues: 'Queues',
  workers: 'Workers',
  deadLetters: 'Dead letters',
  billing: 'Billing',
  callbacks: 'Callbacks',
  history: 'History',
  webhook: 'Webhook',
} as const satisfies Partial<Record<keyof Status, string>>;

/** `handover status`. */
export const status = askingCommand({
  help: HELP,
  options: {},
  async run({ api, print, signal }) {
    const told = await api.client.status({ signal });
    if (print.isJson) print.document(told);
    else show(told, print);
    return told.is === 'trouble' ? EXIT.failed : EXIT.fine;
  },
});

function show(told: Status, print: Print): void {
  print.line(`${MARKS[told.is]} ${told.says}`);
  if (told.mode === 'shadow') print.line('  Shadow mode: nothing is sent.');
  print.line();
  const width = Math.max(...Object.values(PARTS).map((name) => name.length));
  for (const [key, name] of Object.entries(PARTS)) {
    const part: Part | undefined = told[key as keyof typeof PARTS];
    if (part === undefined) continue;
    print.line(`${MARKS[part.is]} ${name.padEnd(width)}  ${part.says}`);
    const runbook = part.runbook === undefined ? '' : ` (${part.runbook})`;
    if (part.todo !== undefined) print.line(`  ${' '.repeat(width)}  → ${part.todo}${runbook}`);
  }
}
