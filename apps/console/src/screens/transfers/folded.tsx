import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { useNarrow } from './use-narrow.ts';
import './folded.css';

type Folded = {
  /** Something is set, or looked for. */
  isSet: boolean;
  /** What is set. */
  words: ReactNode;
  /** Takes it away. */
  onNone: () => void;
  /** The filters themselves. */
  children: ReactNode;
};

/** Filters that are folded on a narrow screen, also where some are set: these stand in a line, with a way to take them away. */
export function Folded({ isSet, words, onNone, children }: Folded) {
  if (!useNarrow()) return children;
  return (
    <div className="row folded-filters">
      <details>
        <summary>Filters</summary>
        <div className="stack">{children}</div>
      </details>
      {isSet && (
        <>
          <span className="folded-words">{words}</span>
          <Button look="plain" onPress={onNone}>
            Show all
          </Button>
        </>
      )}
    </div>
  );
}
