import type { TimelineEntry } from '@handover/client';
import { useEffect, useRef } from 'react';
import { inWords } from '../../ui/time.tsx';
import { factsOf, msSince } from './facts.ts';
import { tellStep } from './step-words.ts';

type Listed = {
  timeline: TimelineEntry[];
  at: number;
  /** The last step that may be shown. */
  seen: number;
  onChoose: (index: number) => void;
};

/** All steps that were seen, to choose from. */
export function StepList({ timeline, at, seen, onChoose }: Listed) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const item = list.current?.children[at];
    if (list.current && item) bringIntoView(list.current, item);
  }, [at]);
  return (
    <ol className="step-list" ref={list}>
      {timeline.slice(0, seen + 1).map((entry, index) => (
        <li key={index}>
          <button
            type="button"
            className={`step-name ${entry.step}`}
            aria-current={index === at ? 'step' : undefined}
            onClick={() => onChoose(index)}
          >
            <span className="step-number">{index + 1}</span>
            <span>{tellStep(entry, timeline.slice(0, index)).title}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

/** Scrolls the list, and not the page around it. */
function bringIntoView(list: Element, item: Element): void {
  const [frame, box] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  if (box.top < frame.top) list.scrollTop -= frame.top - box.top;
  if (box.bottom > frame.bottom) list.scrollTop += box.bottom - frame.bottom;
}

/** A step: what happens, the rule that decided in plain words, and what was seen. */
export function StepShown({ entry, before }: { entry: TimelineEntry; before: TimelineEntry[] }) {
  const { title, why, rule } = tellStep(entry, before);
  return (
    <div className="step-shown stack" aria-live="polite">
      <div>
        <p className="small soft">
          {inWords(msSince(before[0], entry))} after the beginning
          {entry.attempt !== undefined && `, attempt ${entry.attempt}`}
        </p>
        <h3>{title}</h3>
      </div>
      {why !== '' && <p className="step-why">{why}</p>}
      {rule !== undefined && (
        <p>
          <span className="soft">The rule: </span>
          <q>{rule}</q>
        </p>
      )}
      <dl className="facts">
        {factsOf(entry).map(([name, text]) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd dir="auto">{text}</dd>
          </div>
        ))}
      </dl>
      {entry.step === 'waiting' && (
        <p className="small soft">In training waits are a hundred times shorter than on live calls.</p>
      )}
    </div>
  );
}
