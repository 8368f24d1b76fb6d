import type { TrainingRunTold } from '@handover/client';
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/field.tsx';
import { placesOf } from './place.ts';
import { type Move, moved, moveOfKey, type Playing, SPEEDS, type Speed, stepMs } from './playing.ts';
import { Stage } from './stage.tsx';
import { StepList, StepShown } from './steps.tsx';

const isCalm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

type Shown = { run: TrainingRunTold; isFresh: boolean; onOver: () => void };

/** The steps of a run in slow motion: played, or gone through by hand. A fresh run begins by itself, and hides what is to come. */
export function Player({ run, isFresh, onOver }: Shown) {
  const { timeline } = run;
  const [speed, setSpeed] = useState<Speed>('1');
  const [playing, move] = useReducer(moved, undefined, () => begun(timeline.length, isFresh));
  const [furthest, setFurthest] = useState(0);
  const places = useMemo(() => placesOf(timeline), [timeline]);
  const { at, isPlaying, isOver } = playing;
  const seen = Math.max(furthest, at);
  if (seen !== furthest) setFurthest(seen);

  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => move('tick'), stepMs(speed));
    return () => clearInterval(timer);
  }, [isPlaying, speed]);

  const tell = useRef(onOver);
  tell.current = onOver;
  useEffect(() => {
    if (isOver && isFresh) tell.current();
  }, [isOver, isFresh]);

  useKeys(playing, move);
  const entry = timeline[at];
  return (
    <section className="card stack player" aria-label="The run, step by step">
      <div className="card-head">
        <h2>
          Step {at + 1} of {timeline.length}
        </h2>
        <span className="small soft keys">Keys: space, ← and →</span>
      </div>
      <Controls playing={playing} move={move} isFresh={isFresh} speed={speed} onSpeed={setSpeed} />
      <Stage places={places} at={at} run={run} isFresh={isFresh} />
      <div className="steps">
        <StepList timeline={timeline} at={at} seen={isFresh ? seen : timeline.length} onChoose={move} />
        {entry !== undefined && <StepShown entry={entry} before={timeline.slice(0, at)} />}
      </div>
    </section>
  );
}

/** Keys move it wherever the focus is, unless they mean something there. */
function useKeys(playing: Playing, move: (move: Move) => void): void {
  const now = useRef(playing);
  now.current = playing;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isHeld = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
      const byKey = moveOfKey(event.key, now.current);
      if (isHeld || byKey === undefined || means(event.target, event.key)) return;
      event.preventDefault();
      move(byKey);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [move]);
}

function means(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest(key === ' ' ? 'button, a, input, [role]' : 'input, [role="listbox"]') !== null;
}

function begun(count: number, isFresh: boolean): Playing {
  return { at: 0, count, isPlaying: isFresh && !isCalm(), isOver: false };
}

type Controlled = {
  playing: Playing;
  move: (move: Move) => void;
  isFresh: boolean;
  speed: Speed;
  onSpeed: (speed: Speed) => void;
};

function Controls({ playing: { at, count, isPlaying }, move, isFresh, speed, onSpeed }: Controlled) {
  const isLast = at === count - 1;
  return (
    <div className="row controls">
      <Button look="primary" onPress={() => move(isPlaying ? 'pause' : 'play')}>
        {isPlaying ? 'Pause' : 'Play'}
      </Button>
      <Button onPress={() => move('back')} isDisabled={at === 0}>
        Back
      </Button>
      <Button onPress={() => move('next')} isDisabled={isLast && !isFresh}>
        {isLast && isFresh ? 'Show the result' : 'Next'}
      </Button>
      {isFresh && !isLast && (
        <Button look="plain" onPress={() => move('last')}>
          Skip to the result
        </Button>
      )}
      <div className="speed">
        <Choice
          label="Speed"
          value={speed}
          onChange={onSpeed}
          choices={SPEEDS.map((value) => ({ value, name: `${value} ×` }))}
        />
      </div>
    </div>
  );
}
