import type { TimelineEntry } from '@handover/client';
import { inWords, Time } from '../../ui/time.tsx';
import { Told } from '../../ui/told.tsx';
import { actorWords } from '../../ui/words.ts';
import { type Axis, labelSide } from './axis.ts';
import type { Line, Row } from './lines.ts';
import { detailOf, evidenceWords, listOf, titleOf } from './wording.ts';

/** One entry of the timeline: what it tells, and its bar. `byBefore`: who told the one above. */
export function LineRow({ line, axis, byBefore }: { line: Line; axis: Axis; byBefore: string | undefined }) {
  const { entry, from, to, isWait } = line;
  const { rule, ageMs, evidence = {}, requests = [] } = entry;
  const detail = detailOf(entry);
  return (
    <li className={`step ${lookOf(entry)}`}>
      <div className="step-words">
        <p className="step-title">
          <Told>{titleOf(entry)}</Told>
          <span className="soft small">
            {' '}
            {to > from &&
              `${isWait && entry.step !== 'waiting' ? 'then waited ' : ''}${inWords(to - from)}, `}
            <Time at={entry.at} />
          </span>
        </p>
        {rule !== undefined && (
          <p className="small">
            <span className="soft">Because: </span>
            <Told>{rule}</Told>
          </p>
        )}
        {detail !== undefined && (
          <p className="small">
            <Told>{detail}</Told>
          </p>
        )}
        {Object.keys(evidence).length > 0 && (
          <ul className="evidence small">
            {Object.entries(evidence).map(([name, value]) => (
              <li key={name}>
                <span className="soft">{name}: </span>
                <Told>{evidenceWords(value)}</Told>
              </li>
            ))}
            {ageMs !== undefined && (
              <li className="soft">
                {ageMs === 0 ? 'read just now' : `evidence at most ${inWords(ageMs)} old`}
              </li>
            )}
          </ul>
        )}
        {entry.by !== byBefore && (
          <p className="small soft">
            by <bdi>{actorWords(entry.by)}</bdi>
          </p>
        )}
      </div>
      <div className="track" aria-hidden="true">
        <Bar from={from} to={to} axis={axis} look={isWait ? 'wait' : lookOf(entry)} />
        {requests.map((request, index) => (
          <Bar
            key={index}
            from={from}
            to={Math.min(to, from + request.ms)}
            axis={axis}
            look={isBad(request.status) ? 'request bad' : 'request'}
            name={request.operation}
          />
        ))}
      </div>
    </li>
  );
}

/** Several runs that went alike, as one row. */
export function AlikeRow({ row, axis }: { row: Extract<Row, { kind: 'alike' }>; axis: Axis }) {
  const { lines, runs, from, to } = row;
  const steps = [...new Set(lines.map(({ entry }) => entry.step))].filter((step) => step !== 'started');
  const rules = [
    ...new Set(lines.flatMap(({ entry }) => (entry.step === 'waiting' && entry.rule ? [entry.rule] : []))),
  ];
  return (
    <li className="step folded">
      <div className="step-words">
        <p className="step-title">
          The same {runs} more times <span className="soft small">in {inWords(to - from)}</span>
        </p>
        <p className="small">
          <span className="soft">Each run: </span>
          {listOf(steps)}
        </p>
        {rules.slice(0, 3).map((rule) => (
          <p key={rule} className="small">
            <span className="soft">Because: </span>
            <Told>{rule}</Told>
          </p>
        ))}
      </div>
      <div className="track" aria-hidden="true">
        {lines.map((line) => (
          <Bar key={line.index} {...line} axis={axis} look={line.isWait ? 'wait' : lookOf(line.entry)} />
        ))}
      </div>
    </li>
  );
}

type BarOf = { from: number; to: number; axis: Axis; look: string; name?: string };

const LABEL_PLACES = {
  after: (_left: number, right: number) => ({ insetInlineStart: `${right}%` }),
  before: (left: number) => ({ insetInlineEnd: `${100 - left}%` }),
  over: () => ({ insetInlineEnd: 0 }),
};

function Bar({ from, to, axis, look, name }: BarOf) {
  const left = axis.place(from);
  const right = Math.max(left, axis.place(to));
  const side = labelSide(left, right);
  return (
    <div className="bar-row">
      <span
        className={`bar ${look}`}
        style={{
          insetInlineStart: `min(${left}%, 100% - 3px)`,
          width: `${right - left}%`,
        }}
      />
      {name !== undefined && (
        <span className={`bar-name ${side}`} style={LABEL_PLACES[side](left, right)}>
          {name} {inWords(to - from)}
        </span>
      )}
    </div>
  );
}

function lookOf({ step, decided, requests = [] }: TimelineEntry): string {
  if (step === 'outcome') return decided === 'transferred' ? 'good' : 'end';
  if (step === 'contradicted' || step === 'parked' || step === 'too-late') return 'bad';
  if (step === 'sent') return requests.some(({ status }) => isBad(status)) ? 'bad' : 'good';
  return 'work';
}

function isBad(status: number | null): boolean {
  return status === null || status >= 400;
}
