/** Where a command writes, and what it reads. */
export type Surroundings = {
  env: Record<string, string | undefined>;
  out: (text: string) => void;
  err: (text: string) => void;
  /** Whether a person reads `out`: then tables, else JSON. */
  outIsTerminal?: boolean;
  /** Whether a person reads `err`: then progress is shown there. */
  errIsTerminal?: boolean;
  /** Aborted by Ctrl-C. */
  signal?: AbortSignal;
};

/** One command of `handover`. */
export type Command = {
  /** The text of `handover <command> --help`. */
  help: string;
  /** Gives the exit code. Throws a UsageError for arguments that it does not know. */
  run(args: string[], surroundings: Surroundings): Promise<number>;
};

/** Wrong arguments; the message says which. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const EXIT = {
  fine: 0,
  /** The thing failed: a call was not moved, a file is not whole, something is in trouble. */
  failed: 1,
  usage: 2,
  /** The API cannot be reached, or cannot serve now. */
  unreachable: 3,
  /** The API refuses the key or the login. */
  refused: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
