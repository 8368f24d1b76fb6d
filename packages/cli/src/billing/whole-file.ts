/**
 * Watches an export go by, in pieces of any size: counts its rows, and knows how it ends. Its lines that begin with `#` are
 * remarks, and the last must be `# rows=<n>`.
 */
export function watchExport() {
  let isQuoted = false;
  let line = '';
  let rows = -1;
  let promised: number | undefined;
  let missing: string | undefined;

  function endLine(): void {
    const remark = /^# (?:rows=(\d+)|incomplete: (.*))$/.exec(line.trimEnd());
    promised = remark?.[1] === undefined ? undefined : Number(remark[1]);
    missing = remark?.[2] ?? missing;
    if (remark === null) rows += 1;
    line = '';
  }

  return {
    take(piece: string): void {
      for (const character of piece) {
        if (character === '"') isQuoted = !isQuoted;
        if (character === '\n' && !isQuoted) endLine();
        // Only the beginning of a row matters.
        else if (line.length < 500) line += character;
      }
    },
    rows: () => Math.max(rows, 0),
    /** Why the file is not whole; `undefined` if it is. */
    fault(): string | undefined {
      if (line !== '' || isQuoted || promised === undefined)
        return `it ends after ${Math.max(rows, 0)} rows without its last line, # rows=<n>`;
      if (promised !== rows) return `its last line says ${promised} rows, and there are ${rows}`;
      return missing === undefined ? undefined : `it says that it is incomplete: ${missing}`;
    },
  };
}
