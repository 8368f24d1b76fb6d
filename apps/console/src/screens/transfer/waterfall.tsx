import type { TimelineEntry } from '@handover/client';
import { Link, useSearch } from '@tanstack/react-router';
import { useNow } from '../../ui/now.ts';
import { inWords } from '../../ui/time.tsx';
import { type Axis, axisOf } from './axis.ts';
import { type Line, linesOf, type Row, rowsOf } from './lines.ts';
import { AlikeRow, LineRow } from './waterfall-rows.tsx';

type Waterfall = { id: string; timeline: TimelineEntry[]; isOpen: boolean };

/**
 * The timeline as a list, with a bar for each entry on a common axis. `?scale=true` draws waits as long as they were, `?steps=all`
 * folds nothing.
 */
export function Waterfall({ id, timeline, isOpen }: Waterfall) {
  const search = useSearch({ from: '/transfers/$id' });
  const now = useNow(isOpen ? 1_000 : 60_000);
  const lines = linesOf(timeline, isOpen ? now : undefined);
  const axis = axisOf(lines, search.scale === 'true');
  const isWhole = search.steps === 'all';
  const rows = rowsOf(lines, isWhole);
  const toggled = (name: string, value: string) => {
    const { [name]: before, ...others } = search;
    return before === value ? others : { ...others, [name]: value };
  };
  return (
    <section className="card timeline" aria-labelledby="timeline">
      <div className="card-head">
        <h2 id="timeline">Timeline</h2>
        <div className="row small">
          {(axis.isShortened || search.scale === 'true') && (
            <Link to="/transfers/$id" params={{ id }} search={toggled('scale', 'true')} state={true} replace>
              {axis.isShortened ? 'Draw waits to scale' : 'Shorten the waits'}
            </Link>
          )}
          {(isWhole || rows.length < lines.length) && (
            <Link to="/transfers/$id" params={{ id }} search={toggled('steps', 'all')} state={true} replace>
              {isWhole ? 'Fold what repeats' : `Show all ${lines.length} entries`}
            </Link>
          )}
        </div>
      </div>
      <Head axis={axis} lines={lines} />
      <ol>
        {rows.map((row, index) => (
          <One
            key={row.kind === 'line' ? row.line.index : `alike-${index}`}
            row={row}
            before={rows[index - 1]}
            axis={axis}
          />
        ))}
      </ol>
    </section>
  );
}

function One({ row, before, axis }: { row: Row; before: Row | undefined; axis: Axis }) {
  if (row.kind === 'alike') return <AlikeRow row={row} axis={axis} />;
  const above = before?.kind === 'alike' ? before.lines.at(-1) : before?.line;
  return <LineRow line={row.line} axis={axis} byBefore={above?.entry.by} />;
}

/** How long it took, and the axis. */
function Head({ axis, lines }: { axis: Axis; lines: Line[] }) {
  const worked = lines.reduce((sum, { isWait, from, to }) => sum + (isWait ? 0 : to - from), 0);
  return (
    <>
      <p className="soft small">
        {inWords(axis.to - axis.from)} from beginning to end, {inWords(worked)} of it work.
        {axis.isShortened && ' Waits are drawn shorter than they were (hatched); each says how long it was.'}
      </p>
      <div className="axis small soft" aria-hidden="true">
        <span>0</span>
        <span>{inWords(axis.to - axis.from)}</span>
      </div>
    </>
  );
}
