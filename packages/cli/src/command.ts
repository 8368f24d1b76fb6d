/** Where a command writes, and what it reads. */
export type Surroundings = {
  env: Record<string, string | undefined>;
  out: (text: string) => void;
  err: (text: string) => void;
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

export const EXIT = { fine: 0, failed: 1, usage: 2 } as const;
