import { harmless } from './print.ts';

/** Writes rows in columns, under their names; may be given rows several times. */
export function createTable(names: readonly string[], line: (text: string) => void) {
  const widths = names.map((name) => name.length);
  let isBegun = false;

  function lineOf(cells: readonly string[]): string {
    const last = cells.length - 1;
    return cells
      .map((cell, index) => (index === last ? cell : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  }

  return {
    add(rows: readonly (readonly string[])[]): void {
      const shown = rows.map((cells) => cells.map(harmless));
      for (const cells of shown)
        for (const [index, cell] of cells.entries())
          widths[index] = Math.max(widths[index] ?? 0, cell.length);
      if (!isBegun) line(lineOf(names));
      isBegun = true;
      for (const cells of shown) line(lineOf(cells));
    },
  };
}
