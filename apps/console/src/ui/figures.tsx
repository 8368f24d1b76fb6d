import type { ReactNode } from 'react';
import './figures.css';

/** A few numbers, large, side by side. */
export function FiguresList({ children }: { children: ReactNode }) {
  return <dl className="figures">{children}</dl>;
}

/** One of them: what it is, how much, and what that means. */
export function Figure({
  name,
  value,
  tone,
  children,
}: {
  name: string;
  value: ReactNode;
  tone?: 'good' | 'waiting' | 'bad' | undefined;
  children?: ReactNode;
}) {
  return (
    <div className={`figure ${tone ?? ''}`}>
      <dt>{name}</dt>
      <dd className="figure-value">{value}</dd>
      {children !== undefined && <dd className="small soft">{children}</dd>}
    </div>
  );
}
