import { Fragment } from 'react';
import { Time } from './time.tsx';

const TIME = /(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)/;

/** A text of Handover's; the times in it stand in the viewer's zone. */
export function Told({ children }: { children: string }) {
  return (
    <bdi>
      {children
        .split(TIME)
        .map((piece, index) =>
          index % 2 === 1 ? <Time key={index} at={piece} /> : <Fragment key={index}>{piece}</Fragment>,
        )}
    </bdi>
  );
}
