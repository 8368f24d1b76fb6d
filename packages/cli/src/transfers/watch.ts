import type { TransferItem } from '@handover/client';
import { type Asking, askingCommand } from '../asking/command.ts';
import { EXIT } from '../command.ts';
import { stepLine } from '../explain/command.ts';
import { toldStep } from '../explain/explain.ts';
import { timeOfDay } from '../print/times.ts';

const HELP = `Usage: handover watch [<id>] [options]

Follows a transfer step by step until its end; without an id, every change of every transfer until Ctrl-C. An interrupted
connection is opened again where it broke off.

  --json   prints a line of JSON for each event; the default in a pipe
  --text   prints text, also in a pipe

Exit code: 0 if the call was moved, 1 if it was not, 130 after Ctrl-C.

Example, after npm start:

  handover watch
`;

/** `handover watch`. */
export const watch = askingCommand({
  help: HELP,
  options: {},
  takes: ['id'],
  run: (asking) => {
    const [id] = asking.given;
    return id === undefined ? watchAll(asking) : watchOne(asking, id);
  },
});

type Watching = Asking<Record<never, never>>;

async function watchOne({ api, print, note, signal }: Watching, id: string): Promise<number> {
  const { transfers } = api.client;
  // Tells at once if there is no such transfer, or no API.
  const transfer = await transfers.get(id, { signal });
  if (!print.isJson) print.line(`Transfer ${id}`);
  const onInterrupted = ({ message }: Error) => note(`${message} Trying again.`);
  for await (const event of transfers.events(id, { signal, onInterrupted })) {
    if (print.isJson) print.jsonLine(event);
    else if (event.type === 'timeline') {
      const step = toldStep(event.data, transfer);
      if (step !== undefined) print.line(stepLine(step));
    }
  }
  const { outcome, story } = await transfers.get(id, { signal });
  if (!print.isJson) print.line(story);
  return outcome?.status === 'transferred' ? EXIT.fine : EXIT.failed;
}

async function watchAll({ api, print, note, progress, signal }: Watching): Promise<number> {
  const { transfers } = api.client;
  // Tells at once if there is no API, or if the key may not.
  await transfers.list({ limit: 1 }, { signal });
  const onInterrupted = ({ message }: Error) => note(`${message} Trying again.`);
  for await (const event of transfers.changes({ signal, onInterrupted })) {
    if (print.isJson) print.jsonLine(event);
    else if (event.type === 'transfer') print.line(changeLine(event.data, new Date().toISOString()));
    else if (event.type === 'reset')
      note('Too much changed during the interruption: handover list shows it.');
    if (event.type === 'ready') progress.show('Waiting for changes; Ctrl-C ends.');
  }
  return EXIT.fine;
}

/** `14:03:05  4f…  transferred   The call was moved to queue sales.` */
function changeLine({ id, status, story }: TransferItem, now: string): string {
  return `${timeOfDay(now)}  ${id}  ${status.padEnd(11)}  ${story}`;
}
