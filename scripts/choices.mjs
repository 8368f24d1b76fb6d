// Tries alternatives: the first that works, and the reasons why others did not.

/**
 * Tries the choices in turn and returns the first result that is not undefined.
 * @param {(() => Promise<T | undefined>)[]} choices if one throws, this is reported and the next is tried
 * @param {{ log: (line: string) => void, skipped: string[] }} telling
 * @returns {Promise<T | undefined>} undefined if none works; `skipped` then has the reasons
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

/** Reports a present but failing choice at once, although another may still work. */
export function notUsed(why, { log, skipped }) {
  skipped.push(why);
  log(`Not used: ${why}`);
}

/** Lists the choices, and the results of those tried. */
export function noneWorks(headline, choices, skipped) {
  const tried = skipped.length > 0 ? ['What was tried:', ...skipped.map((line) => `  - ${line}`)] : [];
  return [headline, ...choices.map((line) => `  - ${line}`), ...tried].join('\n');
}

/** The first line of a failed command's error. */
export function firstLine(error) {
  return `${error.stderr || error.message}`.trim().split('\n')[0];
}

/** The URL without credentials. */
export function withoutPassword(url) {
  return url.replace(/\/\/.*@/, '//***@').replace(/([?&]password=)[^&]*/gi, '$1***');
}
