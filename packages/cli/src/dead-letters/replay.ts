import { askingCommand, theOne } from '../asking/command.ts';
import { needed, type Options } from '../asking/options.ts';
import { EXIT } from '../command.ts';

const HELP = `Usage: handover replay <id> --reason <text> [options]

Has a dead letter tried again: a transfer that failed, stayed unconfirmed, or is held. Needs the role operate.

  --reason <text>   why; kept in the timeline and in the audit
  --json, --text    JSON (the transfer) is the default in a pipe, text on a terminal

Example, after npm start: list what failed, then replay one of them.

  handover list --status failed
  handover replay <its id> --reason "Genesys is well again"
`;

const OPTIONS = { reason: { type: 'string' } } as const satisfies Options;

/** `handover replay`. */
export const replay = askingCommand({
  help: HELP,
  options: OPTIONS,
  takes: ['id'],
  async run({ api, given, values, print, signal }) {
    const id = theOne(given, 'id of the dead letter');
    const reason = needed(values.reason, '--reason', '--reason "Genesys is well again"');
    const answer = await api.client.deadLetters.replay(id, reason, { signal });
    if (print.isJson) print.document(answer);
    else print.line(`Transfer ${id} is tried again. handover watch ${id}  follows it to its end.`);
    return EXIT.fine;
  },
});
