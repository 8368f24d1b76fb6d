import { askingCommand, theOne } from '../asking/command.ts';
import { EXIT } from '../command.ts';

const HELP = `Usage: handover cancel <id> [options]

Cancels a transfer, unless it was sent or has ended: then nothing changes, and the exit code is 1.

  --because <text>  why; kept in the timeline and in the audit
  --json, --text    JSON (the transfer) is the default in a pipe, text on a terminal

Example, after npm start:

  handover submit --call call-2 --user agent-2 --target queue:queue-support --not-before +1h
  handover cancel <the id that it prints>
`;

/** `handover cancel`. */
export const cancel = askingCommand({
  help: HELP,
  options: { because: { type: 'string' } },
  takes: ['id'],
  async run({ api, given, values, print, signal }) {
    const transfer = await api.client.transfers.cancel(theOne(given, 'id of the transfer'), {
      signal,
      ...(values.because !== undefined && { reason: values.because }),
    });
    if (print.isJson) print.document(transfer);
    else print.line(transfer.story);
    return EXIT.fine;
  },
});
