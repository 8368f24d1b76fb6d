import { Fragment } from 'react';
import { Time } from './time.tsx';
import { cutAtTimes } from './words.ts';

/** A text of Handover's; the times in it stand in the viewer's zone. */
export function Told({ children }: { children: string }) {
  return (
    <bdi>
      {cutAtTimes(children).map((piece, index) =>
        index % 2 === 1 ? <Time key={index} at={piece} /> : <Fragment key={index}>{piece}</Fragment>,
      )}
    </bdi>
  );
}
