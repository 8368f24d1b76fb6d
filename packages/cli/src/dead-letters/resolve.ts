import { askingCommand } from '../asking/command.ts';
import { needed, type Options } from '../asking/options.ts';
import { EXIT, UsageError } from '../command.ts';
import { doToMany, FILTER_HELP, LETTER_FILTERS, letterFilterOf, oneOrMany } from './many.ts';

const HELP = `Usage: handover resolve (<id> | <filter>) --moved | --not-moved --because <text> [options]

States whether the calls of unconfirmed transfers were moved; that is their outcome then. Needs the role operate. With a filter,
workers carry it out, and the command waits for the end.

  --moved           the calls were moved
  --not-moved       they were not
${FILTER_HELP}
  --because <text>  how you know; kept in the timeline and in the audit
  --json, --text    JSON is the default in a pipe, text on a terminal

Exit code: 0 if all is done, 1 if not.

Example, after npm start:

  handover resolve --kind unconfirmed --not-moved --dry-run
`;

const OPTIONS = {
  ...LETTER_FILTERS,
  moved: { type: 'boolean' },
  'not-moved': { type: 'boolean' },
  because: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const satisfies Options;

/** `handover resolve`. */
export const resolve = askingCommand({
  help: HELP,
  options: OPTIONS,
  takes: ['id'],
  async run(asking) {
    const { api, given, values, print, signal } = asking;
    const which = oneOrMany(given, letterFilterOf(values));
    const [moved, notMoved] = [values.moved === true, values['not-moved'] === true];
    if (moved === notMoved) throw new UsageError('Give either --moved or --not-moved.');
    const isDryRun = values['dry-run'] === true;
    const reason = isDryRun
      ? (values.because ?? '')
      : needed(values.because, '--because', '--because "Seen in the queue"');
    if (which.id === undefined) {
      const { deadLetters } = api.client;
      const many = { filter: which.filter, happened: moved, reason };
      return doToMany(asking, {
        ...{ word: 'resolved', isDryRun },
        preview: () => deadLetters.previewResolve({ filter: which.filter, happened: moved }, { signal }),
        start: () => deadLetters.resolveMany(many, { signal }),
      });
    }
    const transfer = await api.client.deadLetters.resolve(which.id, moved, reason, { signal });
    if (print.isJson) print.document(transfer);
    else print.line(transfer.story);
    return EXIT.fine;
  },
});
