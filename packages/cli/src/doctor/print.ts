import type { Finding } from '@handover/core/checks';
import type { Result } from './run.ts';

const MARKS: Record<Finding['status'], string> = { ok: '✓', failed: '✗', warning: '!', skipped: '–' };

/** The column of names; ids are longer. */
const WIDTH = 26;

/** One check as a line, with its fix below. */
export function lineOf({ status, what, detail, fix }: Result): string {
  const line = `${MARKS[status]} ${what.padEnd(WIDTH)}  ${detail}\n`;
  return fix === undefined ? line : `${line}  ${' '.repeat(WIDTH)}  → ${fix}\n`;
}

/** The last line: how many there are of what matters. */
export function summaryOf(results: readonly Result[]): string {
  const failures = results.filter(({ status }) => status === 'failed').length;
  const warnings = results.filter(({ status }) => status === 'warning').length;
  const left = warnings === 0 ? '' : `, ${count(warnings, 'warning')}`;
  return failures === 0 ? `\nAll is well${left}.\n` : `\n${count(failures, 'failure')}${left}.\n`;
}

/** All of it for machines. */
export function jsonOf(results: readonly Result[]): string {
  const isOk = results.every(({ status }) => status !== 'failed');
  const checks = results.map(({ id, status, what, detail, fix }) => ({ id, status, what, detail, fix }));
  return `${JSON.stringify({ ok: isOk, checks }, null, 2)}\n`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
