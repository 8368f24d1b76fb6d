/** Reporting of the alternatives that were tried. */
export interface Telling {
  readonly log: (line: string) => void;
  /** Collects the reasons why choices were not used. */
  readonly skipped: string[];
}

export function firstThatWorks<T>(
  choices: readonly (() => Promise<T | undefined>)[],
  telling: Telling,
): Promise<T | undefined>;

export function notUsed(why: string, telling: Telling): void;

export function noneWorks(headline: string, choices: readonly string[], skipped: readonly string[]): string;

export function firstLine(error: unknown): string;

export function withoutPassword(url: string): string;
