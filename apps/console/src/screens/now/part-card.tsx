import type { SystemStatus } from '@handover/client';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Told } from '../../ui/told.tsx';
import { Figures } from './figures.tsx';
import { type Part, type State, todoHere } from './parts.ts';
import { Runbook } from './runbook.tsx';

const TONES: Record<State, Tone> = { trouble: 'bad', waiting: 'waiting', unknown: 'quiet', fine: 'good' };

/** A part that is not fine: what it is, its figures, what to do and where that stands. */
export function PartCard({ part, status }: { part: Part; status: SystemStatus }) {
  const todo = todoHere(part.todo);
  return (
    <article className={`card stack tight part ${part.is}`}>
      <div className="row part-head">
        <h3>{part.title}</h3>
        <Badge tone={TONES[part.is]}>{part.is}</Badge>
      </div>
      <p>
        <Told>{part.says}</Told>
      </p>
      <Figures name={part.name} status={status} />
      {todo !== undefined && (
        <p>
          <strong>What to do:</strong> <Told>{todo}</Told>
        </p>
      )}
      {part.runbook !== undefined && <Runbook page={part.runbook} />}
    </article>
  );
}

/** A part that is fine, in short. */
export function FinePart({ part, status }: { part: Part; status: SystemStatus }) {
  return (
    <article className="card stack tight fine-part small">
      <div className="row part-head">
        <h3>{part.title}</h3>
        <Badge tone="good">fine</Badge>
      </div>
      <p className="soft">
        <Told>{part.says}</Told>
      </p>
      <Figures name={part.name} status={status} />
    </article>
  );
}
