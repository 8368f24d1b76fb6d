/** What is told of a file of bills by its last lines. */
export type FileCheck =
  | { whole: true; rows: number; missing?: string }
  /** Its last line does not count its rows. */
  | { whole: false; why: string };

/** Reads the end of an export: a file whose last line is not `# rows=` and their number is not whole. */
export function checkFile(csv: string): FileCheck {
  const [, missing, rows] = /(?:^|\n)(?:# incomplete: ([^\r\n]*)\r?\n)?# rows=(\d+)\r?\n?$/.exec(csv) ?? [];
  if (rows === undefined)
    return {
      whole: false,
      why: 'Its last line, which counts the rows, is missing: it was cut off on the way.',
    };
  return { whole: true, rows: Number(rows), ...(missing !== undefined && { missing }) };
}
