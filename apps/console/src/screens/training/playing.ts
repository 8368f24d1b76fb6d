/** A run that is shown step by step. `at`: the step that is shown. `isOver`: it was shown to its end. */
export type Playing = { at: number; count: number; isPlaying: boolean; isOver: boolean };

export type Move = 'play' | 'pause' | 'next' | 'back' | 'last' | 'tick' | number;

/** The speeds; at 1 a step is shown for `STEP_MS`. */
export const SPEEDS = ['0.5', '1', '2', '4'] as const;
export type Speed = (typeof SPEEDS)[number];

const STEP_MS = 4_000;

/** How long a step is shown at this speed, in ms. */
export function stepMs(speed: Speed): number {
  return STEP_MS / Number(speed);
}

/** What a move makes of it. By hand it stops playing; playing on after the last step shows the result. Pure. */
export function moved(playing: Playing, move: Move): Playing {
  const last = Math.max(playing.count - 1, 0);
  if (typeof move === 'number') return stopAt(playing, Math.min(Math.max(move, 0), last));
  switch (move) {
    case 'play':
      return { ...playing, isPlaying: playing.count > 0, at: playing.at >= last ? 0 : playing.at };
    case 'pause':
      return { ...playing, isPlaying: false };
    case 'back':
      return stopAt(playing, Math.max(playing.at - 1, 0));
    case 'last':
      return { ...stopAt(playing, last), isOver: true };
    case 'next':
      return playing.at < last ? stopAt(playing, playing.at + 1) : { ...stopAt(playing, last), isOver: true };
    case 'tick':
      return playing.at < last
        ? { ...playing, at: playing.at + 1 }
        : { ...playing, isPlaying: false, isOver: true };
  }
}

const KEYS: Record<string, Move> = { ArrowRight: 'next', ArrowLeft: 'back' };

/** The move of a key, if it has one. */
export function moveOfKey(key: string, { isPlaying }: Playing): Move | undefined {
  if (key === ' ') return isPlaying ? 'pause' : 'play';
  return KEYS[key];
}

function stopAt(playing: Playing, at: number): Playing {
  return { ...playing, at, isPlaying: false };
}
