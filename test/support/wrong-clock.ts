import { pathToFileURL } from 'node:url';

/** The environment of a process whose clock is that much ahead, in ms, or behind. */
export function wrongClock(offsetMs: number): Record<string, string> {
  const module = pathToFileURL(`${import.meta.dirname}/clock.mjs`).href;
  return { NODE_OPTIONS: `--import ${module}`, CLOCK_OFFSET_MS: String(offsetMs) };
}
