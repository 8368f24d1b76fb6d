import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import type { Search } from './search.ts';
import './paper.css';

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });

type Paper = {
  title: ReactNode;
  facts: [string, ReactNode][];
  search: Search;
  hint?: string;
  children: ReactNode;
};

/** A sheet to print: whose result, when, the figures and a table. */
export function Paper({ title, facts, search: { from, to }, hint = '', children }: Paper) {
  const range = [from && `from ${from}`, to && `to ${to}`].filter(Boolean).join(' ');
  return (
    <article className="card stack paper">
      <div className="card-head">
        <h2>{title}</h2>
        <span className="no-print">
          <Button look="primary" onPress={() => window.print()}>
            Print
          </Button>
        </span>
      </div>
      <dl className="figures">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div className="only-print">
          <dt>Printed on</dt>
          <dd>{DAY.format(new Date())}</dd>
        </div>
      </dl>
      {children}
      <p className="only-print signature">Trainer:</p>
      <p className="small soft">
        Practised on Handover's simulator{range === '' ? '' : `, ${range}`}. {hint}
      </p>
    </article>
  );
}
