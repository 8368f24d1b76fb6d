import { askingCommand, theOne } from '../asking/command.ts';
import { needed, type Options } from '../asking/options.ts';
import { EXIT, UsageError } from '../command.ts';

const HELP = `Usage: handover resolve <id> --moved | --not-moved --reason <text> [options]

States whether the call of an unconfirmed transfer was moved; that is its outcome then. Needs the role operate.

  --moved           the call was moved
  --not-moved       it was not
  --reason <text>   how you know; kept in the timeline and in the audit
  --json, --text    JSON (the transfer) is the default in a pipe, text on a terminal

Example, after npm start: list what is in doubt, look in Genesys, then settle it.

  handover list --status unconfirmed
  handover resolve <its id> --moved --reason "Seen in the queue"
`;

const OPTIONS = {
  moved: { type: 'boolean' },
  'not-moved': { type: 'boolean' },
  reason: { type: 'string' },
} as const satisfies Options;

/** `handover resolve`. */
export const resolve = askingCommand({
  help: HELP,
  options: OPTIONS,
  takes: ['id'],
  async run({ api, given, values, print, signal }) {
    const id = theOne(given, 'id of the transfer');
    const [moved, notMoved] = [values.moved === true, values['not-moved'] === true];
    if (moved === notMoved) throw new UsageError('Give either --moved or --not-moved.');
    const reason = needed(values.reason, '--reason', '--reason "Seen in the queue"');
    const transfer = await api.client.deadLetters.resolve(id, moved, reason, { signal });
    if (print.isJson) print.document(transfer);
    else print.line(transfer.story);
    return EXIT.fine;
  },
});
