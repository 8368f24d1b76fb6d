import type { ReactNode } from 'react';

/** Nothing is here yet: why, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="card empty stack">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
