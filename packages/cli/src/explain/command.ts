import { type BillingRecord, HandoverProblem, type Transfer } from '@handover/client';
import type { Api } from '../asking/api.ts';
import { askingCommand, theOne } from '../asking/command.ts';
import { EXIT } from '../command.ts';
import type { Print } from '../print/print.ts';
import { duration } from '../print/times.ts';
import { type Explanation, explain, type ToldStep } from './explain.ts';

const HELP = `Usage: handover explain <id> [options]

Tells a transfer as a person would: who asked for what, what was waited for and why, what was sent and what proved the result,
and what follows.

  --json   prints {"id", "status", "story", "steps": [{"at", "afterMs", "step", "text"}], "follows"}; the default in a pipe
  --text   prints text, also in a pipe

Example, after npm start:

  handover submit --call call-1 --user agent-1 --target queue:queue-support --wait 10
  handover explain <the id that it prints>
`;

const MORE_MS = 60_000;
const PAGES = 5;

/** `handover explain`. */
export const explainTransfer = askingCommand({
  help: HELP,
  options: {},
  takes: ['id'],
  async run({ api, given, print }) {
    const transfer = await api.client.transfers.get(theOne(given, 'id of the transfer'));
    const told = explain({ transfer, bill: await billOf(api, transfer) });
    if (print.isJson) print.document(told);
    else show(told, print);
    return EXIT.fine;
  },
});

function show({ id, story, steps, follows }: Explanation, print: Print): void {
  print.line(`Transfer ${id}`);
  print.line(story);
  print.line();
  for (const step of steps) print.line(stepLine(step));
  if (follows.length === 0) return;
  print.line();
  for (const sentence of follows) print.line(sentence);
}

/** `+0.4 s  It looked: …`. */
export function stepLine({ afterMs, text }: Pick<ToldStep, 'afterMs' | 'text'>): string {
  return `${`+${duration(afterMs)}`.padStart(9)}  ${text}`;
}

/** The bill of a transfer that moved its call; `null` if there is none, `undefined` where it cannot be told. */
async function billOf({ client }: Api, { id, timeline, acceptedAt, outcome }: Transfer) {
  if (outcome?.status !== 'transferred') return undefined;
  const end = Date.parse(timeline.at(-1)?.at ?? acceptedAt) + MORE_MS;
  const range = { from: acceptedAt, to: new Date(end).toISOString(), limit: 100 };
  try {
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const { items, next }: { items: BillingRecord[]; next: string | null } = await client.billing.records({
        ...range,
        ...(cursor !== undefined && { cursor }),
      });
      const found = items.find((bill) => bill.id === id);
      if (found !== undefined) return found;
      if (next === null) return null;
      cursor = next;
    }
    return undefined;
  } catch (error) {
    // Its key may read transfers only, or billing is away: the story is told without.
    if (error instanceof HandoverProblem) return undefined;
    throw error;
  }
}
