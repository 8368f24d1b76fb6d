import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from '../command.ts';
import { didYouMean } from '../nearest.ts';

export type Options = NonNullable<ParseArgsConfig['options']>;

type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;
export type Values<O extends Options> = Parsed<O>['values'];

/** Reads the arguments of a command. `takes`: the names of those that are no options. Throws a UsageError. */
export function readArguments<O extends Options>(
  args: string[],
  options: O,
  takes: readonly string[] = [],
): { values: Values<O>; given: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: takes.length > 0 });
    const extra = positionals[takes.length];
    if (extra !== undefined) throw new UsageError(`Unexpected argument '${extra}'.`);
    return { values: values as Values<O>, given: positionals };
  } catch (error) {
    throw new UsageError(wordsOf(error, options));
  }
}

function wordsOf(error: unknown, options: Options): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const name = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? /'(--?[^'=]+)/.exec(message)?.[1] : undefined;
  if (name === undefined) return message;
  const known = Object.keys(options).map((option) => `--${option}`);
  return `Unknown option '${name}'.${didYouMean(name, known)}`;
}

/** The value of an option that must be there. */
export function needed(value: string | undefined, option: string, example: string): string {
  if (value === undefined || value === '') throw new UsageError(`${option} is missing, such as ${example}`);
  return value;
}

/** A whole number of an option; `undefined` if it is not given. */
export function wholeNumber(value: string | undefined, option: string, most: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > most)
    throw new UsageError(`${option} must be a whole number from 1 to ${most}, not "${value}"`);
  return number;
}
