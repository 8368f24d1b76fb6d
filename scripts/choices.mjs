// One of several ways to get a thing: the first that works, and in words why the others did not.

/**
 * Tries the choices in turn and gives what the first of them gives that is not undefined.
 * @param {(() => Promise<T | undefined>)[]} choices one that throws is told, and the next is tried
 * @param {{ log: (line: string) => void, skipped: string[] }} telling
 * @returns {Promise<T | undefined>} undefined when none works; `skipped` then says why
 * @template T
 */
export async function firstThatWorks(choices, telling) {
  for (const choice of choices) {
    try {
      const got = await choice();
      if (got !== undefined) return got;
    } catch (error) {
      notUsed(error.message, telling);
    }
  }
  return undefined;
}

/** Tells at once what is there but does not work, although another choice may still do. */
export function notUsed(why, { log, skipped }) {
  skipped.push(why);
  log(`Not used: ${why}`);
}

/** Lists the choices, and what came of those that were tried. */
export function noneWorks(headline, choices, skipped) {
  const tried = skipped.length > 0 ? ['What was tried:', ...skipped.map((line) => `  - ${line}`)] : [];
  return [headline, ...choices.map((line) => `  - ${line}`), ...tried].join('\n');
}

/** The first line of what a command that failed said. */
export function firstLine(error) {
  return `${error.stderr || error.message}`.trim().split('\n')[0];
}

/** A URL that may be shown. */
export function withoutPassword(url) {
  return url.replace(/\/\/.*@/, '//***@').replace(/([?&]password=)[^&]*/gi, '$1***');
}
