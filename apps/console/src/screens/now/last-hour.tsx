import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { handover, wordsOf } from '../../api.ts';
import { Chart, type Series } from '../../ui/chart.tsx';
import { inWords, Time } from '../../ui/time.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { FirstTransfer } from './first-transfer.tsx';
import { type EndName, endNames, type Hour, hourOf } from './hour.ts';
import { percent } from './parts.ts';

const LOOK_EVERY_MS = 10_000;
const HEIGHT = 150;
const COLOURS: Record<EndName, Series['colour']> = {
  transferred: 1,
  failed: 3,
  expired: 2,
  rejected: 4,
  cancelled: 5,
};

/** What ended in the last hour: how many, how, and how long it took. */
export function LastHour() {
  const { data, error, refetch, dataUpdatedAt } = useQuery({
    queryKey: ['quality', 'minute'],
    queryFn: ({ signal }) => handover.reports.quality({ by: 'minute' }, { signal }),
    refetchInterval: LOOK_EVERY_MS,
  });
  const hour = useMemo(() => data && hourOf(data.rows ?? [], dataUpdatedAt), [data, dataUpdatedAt]);
  return (
    <section className="stack" aria-labelledby="hour">
      <h2 id="hour">The last hour</h2>
      {error !== null && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {hour === undefined && error === null && <p className="soft">Counting …</p>}
      {hour?.totals.ended === 0 && <FirstTransfer />}
      {hour !== undefined && hour.totals.ended > 0 && <Charts hour={hour} />}
    </section>
  );
}

function Charts({ hour }: { hour: Hour }) {
  const { at, ends, totals } = hour;
  const series = useMemo(() => seriesOf(hour), [hour]);
  // As in the quality report: what was rejected or cancelled is no part of it.
  const attempted = totals.transferred + totals.failed + totals.expired;
  const rate = (totals.ended / at.length).toFixed(1);
  const used = endNames.filter((name) => totals[name] > 0);
  return (
    <>
      <div className="hour">
        <figure className="card">
          <figcaption>
            <h3>Rate</h3>
            <p>
              <strong>{totals.ended.toLocaleString()}</strong> ended, {rate} a minute
            </p>
          </figcaption>
          <Chart
            label={`Ended transfers by minute: ${totals.ended} in an hour`}
            at={at}
            series={series.rate}
            height={HEIGHT}
            isSmall
          />
        </figure>
        <figure className="card">
          <figcaption>
            <h3>Outcomes</h3>
            <p>
              <strong>{attempted === 0 ? '–' : `${percent(totals.transferred, attempted)} %`}</strong> success
              rate
            </p>
          </figcaption>
          <Chart
            label={`Outcomes by minute: ${used.map((name) => `${totals[name]} ${name}`).join(', ')}`}
            at={at}
            series={series.ends}
            height={HEIGHT}
            isSmall
          />
          <ul className="row small keys">
            {used.map((name) => (
              <li key={name} className="row">
                <span className={`key key-${COLOURS[name]}`} aria-hidden="true" />
                {totals[name].toLocaleString()} {name}
              </li>
            ))}
          </ul>
        </figure>
        <figure className="card">
          <figcaption>
            <h3>Time to the outcome</h3>
            <p>
              {totals.averageMs === null ? (
                'Nothing was transferred'
              ) : (
                <>
                  <strong>{inWords(totals.averageMs)}</strong> on average, if transferred
                </>
              )}
            </p>
          </figcaption>
          <Chart
            label={`Average time to the outcome by minute: ${totals.averageMs === null ? 'none' : inWords(totals.averageMs)} over the hour`}
            at={at}
            series={series.time}
            height={HEIGHT}
            isSmall
          />
        </figure>
      </div>
      <details>
        <summary>The figures, minute by minute</summary>
        <div className="card flush">
          <table>
            <caption className="visually-hidden">What ended in the last hour, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Minute</th>
                {endNames.map((name) => (
                  <th key={name} scope="col" className="number">
                    {name}
                  </th>
                ))}
                <th scope="col" className="number">
                  Average time
                </th>
              </tr>
            </thead>
            <tbody>
              {at
                .map((time, index) => ({ time, index }))
                .filter(({ index }) => (hour.rate[index] ?? 0) > 0)
                .reverse()
                .map(({ time, index }) => (
                  <tr key={time}>
                    <th scope="row">
                      <Time at={new Date(time).toISOString()} />
                    </th>
                    {endNames.map((name) => (
                      <td key={name} className="number">
                        {ends[name][index]}
                      </td>
                    ))}
                    <td className="number">{averageWords(hour.averageMs[index])}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

function averageWords(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '–' : inWords(ms);
}

function seriesOf({ ends, rate, averageMs, totals }: Hour): Record<'rate' | 'ends' | 'time', Series[]> {
  return {
    rate: [{ name: 'ended', values: rate, colour: 1, kind: 'bars' }],
    ends: endNames
      .filter((name) => totals[name] > 0)
      .map((name) => ({ name, values: ends[name], colour: COLOURS[name], kind: 'bars' })),
    time: [{ name: 'average', values: averageMs, colour: 1, kind: 'bars', scale: 'ms' }],
  };
}
