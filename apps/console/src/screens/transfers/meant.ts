/** What somebody meant who typed or pasted this: without quotes and spaces around; of an address of a transfer, its id. */
export function meant(typed: string): string {
  const text = typed
    .trim()
    .replace(/^(["'`“])(.*)["'`”]$/s, '$2')
    .trim();
  const address = /\/transfers\/([^/?#\s]+)/.exec(text)?.[1];
  return address === undefined ? text : decoded(address);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
