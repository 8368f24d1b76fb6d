export const LONGEST_WAIT_SECONDS = 30;
/** With unclosed quotes, parsing takes time quadratic in the length. */
const LONGEST_HEADER = 1_000;

/**
 * The wait that `Prefer: wait=N` (RFC 7240) asks for, in seconds, capped at 30; the first one counts.
 * Undefined if it is absent or malformed: an invalid preference is ignored.
 */
export function parsePreferWait(header: string | string[] | undefined): number | undefined {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  if (text.length > LONGEST_HEADER) return undefined;
  for (const preference of splitUnquoted(text, ',')) {
    const [first = ''] = splitUnquoted(preference, ';');
    const at = first.indexOf('=');
    const name = (at === -1 ? first : first.slice(0, at)).trim().toLowerCase();
    if (name !== 'wait') continue;
    const value = at === -1 ? '' : first.slice(at + 1).trim();
    const digits = /^(?:"(\d{1,9})"|(\d{1,9}))$/.exec(value);
    if (digits === null) return undefined;
    return Math.min(Number(digits[1] ?? digits[2]), LONGEST_WAIT_SECONDS);
  }
  return undefined;
}

function splitUnquoted(text: string, separator: ',' | ';'): string[] {
  const parts = text.match(
    separator === ',' ? /(?:"(?:[^"\\]|\\.)*"|[^,])+/g : /(?:"(?:[^"\\]|\\.)*"|[^;])+/g,
  );
  return parts ?? [];
}
