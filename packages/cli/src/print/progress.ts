import type { Surroundings } from '../command.ts';
import { harmless } from './print.ts';

export type Progress = {
  /** Shows this in place of what was shown before. */
  show: (words: string) => void;
  clear: () => void;
  /** Shows this with the seconds that have passed, until it is stopped. */
  waiting: (words: string) => { stop: () => void };
};

const CLEAR = '\r\u001b[2K';

/** What long work is at, on a terminal only. */
export function createProgress({ err, errIsTerminal = false }: Surroundings): Progress {
  let isShown = false;
  const show = (words: string) => {
    if (!errIsTerminal) return;
    err(`${CLEAR}${harmless(words)}`);
    isShown = true;
  };
  const clear = () => {
    if (isShown) err(CLEAR);
    isShown = false;
  };
  return {
    show,
    clear,
    waiting(words) {
      const startedAt = performance.now();
      const tick = () => show(`${words} ${Math.floor((performance.now() - startedAt) / 1_000)} s`);
      tick();
      const timer = setInterval(tick, 1_000);
      return {
        stop() {
          clearInterval(timer);
          clear();
        },
      };
    },
  };
}
