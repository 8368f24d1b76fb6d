import { type Command, EXIT, type Surroundings, UsageError } from '../command.ts';
import { createPrint, type Print } from '../print/print.ts';
import { createProgress, type Progress } from '../print/progress.ts';
import { type Api, openApi } from './api.ts';
import { failureOf } from './failures.ts';
import { type Options, readArguments, type Values } from './options.ts';

const HOW_SHOWN = { json: { type: 'boolean' }, text: { type: 'boolean' } } as const satisfies Options;

/** What a command that asks the API works with. */
export type Asking<O extends Options> = {
  api: Api;
  values: Values<O & typeof HOW_SHOWN>;
  /** The arguments that are no options. */
  given: string[];
  print: Print;
  progress: Progress;
  /** For people, whatever the output is. */
  note: (text: string) => void;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
};

type Described<O extends Options> = {
  help: string;
  options: O;
  /** The names of the arguments that are no options. */
  takes?: readonly string[];
  run: (asking: Asking<O>) => Promise<number>;
};

/** A command that asks the API: it reads the arguments, and tells what failed. */
export function askingCommand<O extends Options>({ help, options, takes, run }: Described<O>): Command {
  return {
    help,
    async run(args, surroundings) {
      const { values, given } = readArguments(args, { ...options, ...HOW_SHOWN }, takes);
      const { json, text } = values as { json?: boolean; text?: boolean };
      if (json === true && text === true) throw new UsageError('--json and --text exclude each other');
      const api = openApi(surroundings.env);
      const isJson = json === true || (text !== true && surroundings.outIsTerminal !== true);
      const progress = createProgress(surroundings);
      const signal = surroundings.signal ?? new AbortController().signal;
      const note = (words: string) => noteTo(surroundings, progress, words);
      const print = createPrint({ ...surroundings, isJson, beforeLine: progress.clear });
      try {
        return await run({ api, values, given, print, progress, note, signal });
      } catch (error) {
        if (signal.aborted) return EXIT.interrupted;
        const failure = failureOf(error, api.shownUrl);
        if (failure === undefined) throw error;
        note(failure.words);
        return failure.code;
      } finally {
        progress.clear();
      }
    },
  };
}

function noteTo({ err }: Surroundings, progress: Progress, words: string): void {
  progress.clear();
  createPrint({ out: err, isJson: false }).line(words);
}

/** The one argument of a command. */
export function theOne(given: string[], name: string): string {
  const [one] = given;
  if (one === undefined || one === '') throw new UsageError(`The ${name} is missing.`);
  return one;
}
