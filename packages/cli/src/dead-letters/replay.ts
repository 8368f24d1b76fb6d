import { askingCommand } from '../asking/command.ts';
import { needed, type Options } from '../asking/options.ts';
import { EXIT } from '../command.ts';
import { doToMany, FILTER_HELP, LETTER_FILTERS, letterFilterOf, oneOrMany } from './many.ts';

const HELP = `Usage: handover replay (<id> | <filter>) --because <text> [options]

Has dead letters tried again: transfers that failed, stayed unconfirmed, or are held. Needs the role operate. With a filter,
workers carry it out within the budget, and the command waits for the end.

${FILTER_HELP}
  --billing         those of billing in place of transfers
  --because <text>  why; kept in the timeline and in the audit
  --json, --text    JSON is the default in a pipe, text on a terminal

Exit code: 0 if all is done, 1 if not.

Example, after npm start:

  handover replay --kind failed --dry-run
`;

const OPTIONS = {
  ...LETTER_FILTERS,
  billing: { type: 'boolean' },
  because: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const satisfies Options;

/** `handover replay`. */
export const replay = askingCommand({
  help: HELP,
  options: OPTIONS,
  takes: ['id'],
  async run(asking) {
    const { api, given, values, print, signal } = asking;
    const filter = letterFilterOf(values);
    const which = oneOrMany(given, values.billing === true ? { ...filter, billing: true } : filter);
    const isDryRun = values['dry-run'] === true;
    const reason = isDryRun
      ? (values.because ?? '')
      : needed(values.because, '--because', '--because "Genesys is well again"');
    if (which.id === undefined) {
      const { deadLetters } = api.client;
      const many = { filter: which.filter, reason };
      return doToMany(asking, {
        ...{ word: 'replayed', isDryRun },
        preview: () => deadLetters.previewReplay({ filter: which.filter }, { signal }),
        start: () => deadLetters.replayMany(many, { signal }),
      });
    }
    const transfer = await api.client.deadLetters.replay(which.id, reason, { signal });
    if (print.isJson) print.document(transfer);
    else
      print.line(`Transfer ${which.id} is tried again. handover watch ${which.id}  follows it to its end.`);
    return EXIT.fine;
  },
});
