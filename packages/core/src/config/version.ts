import { readFileSync } from 'node:fs';

/** The version of Handover, as in the changelog. */
export const version: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;
