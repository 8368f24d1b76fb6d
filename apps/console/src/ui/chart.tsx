import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { dayName, dayTicks } from './day-ticks.ts';
import 'uplot/dist/uPlot.min.css';

export type Series = {
  name: string;
  values: (number | null)[];
  /** One of --series-1 to --series-5. */
  colour: 1 | 2 | 3 | 4 | 5;
  /** Bars stand on those before; a line goes over all. */
  kind: 'bars' | 'line';
  /** `percent` has its own scale at the other side. */
  scale?: 'count' | 'percent' | 'ms';
};

type Chart = {
  /** What it shows, for those who do not see it; the figures stand in a table beside it. */
  label: string;
  /** Epoch ms, rising. */
  at: number[];
  series: Series[];
  height?: number;
  isSmall?: boolean;
  /** Each time stands for its day in UTC, also where it is another day by now. */
  isByDay?: boolean;
};

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });

/** A chart over time, drawn by uPlot in the colours of the theme. */
export function Chart({ label, at, series, height = 220, isSmall = false, isByDay = false }: Chart) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    let plot: uPlot | undefined;
    const draw = () => {
      plot?.destroy();
      const drawn = inDrawingOrder(series);
      const heights = stacked(series);
      plot = new uPlot(
        optionsOf({ element, at, series: drawn, height, isSmall, isByDay }),
        [at.map((time) => time / 1_000), ...drawn.map((one) => heights.get(one) ?? [])],
        element,
      );
    };
    draw();
    const sizes = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      sizes.disconnect();
      themes.disconnect();
      plot?.destroy();
    };
  }, [at, series, height, isSmall, isByDay]);
  return <div ref={place} className="chart" role="img" aria-label={label} />;
}

/** As uPlot draws them, one over the other: the highest bars first, so that each stands in front of the sum above it; then lines. */
function inDrawingOrder(series: Series[]): Series[] {
  const bars = series.filter(({ kind }) => kind === 'bars');
  return [...bars.reverse(), ...series.filter(({ kind }) => kind === 'line')];
}

/** Bars on top of one another: each reaches to the sum of its own and those that it stands on. */
function stacked(series: Series[]): Map<Series, (number | null)[]> {
  const sums: number[] = [];
  const heights = series.map((one): [Series, (number | null)[]] => {
    if (one.kind === 'line') return [one, one.values];
    const reached = one.values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
      return sums[index] ?? 0;
    });
    return [one, reached];
  });
  return new Map(heights);
}

function optionsOf({
  element,
  at,
  series,
  height,
  isSmall,
  isByDay,
}: {
  element: HTMLElement;
  at: number[];
  series: Series[];
  height: number;
  isSmall: boolean;
  isByDay: boolean;
}): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const scales = [...new Set(series.map(({ scale = 'count' }) => scale))];
  const axis = { stroke: colour('--ink-soft'), grid: { stroke: colour('--line') }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height,
    ...(isByDay && { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC') }),
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    legend: { show: !isSmall },
    scales: {
      x: { time: true, range: () => spanOf(at, isByDay) },
      count: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, 1)] },
      percent: { range: [0, 100] },
      ms: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, 100)] },
    },
    axes: [
      isByDay ? { ...axis, ...dayAxis(at), grid: { show: false } } : axis,
      ...scales.map((scale, index) => ({
        ...axis,
        scale,
        size: 48,
        side: index === 0 ? 3 : 1,
        grid: { ...axis.grid, show: index === 0 },
        values: (_plot: uPlot, ticks: number[]) => ticks.map((tick) => valueIn(scale, tick)),
      })),
    ],
    series: [
      {
        label: isByDay ? 'Day' : 'Time',
        value: (_plot, seconds) => (seconds == null ? '' : (isByDay ? day : moment).format(seconds * 1_000)),
      },
      ...series.map(({ name, kind, colour: number, scale = 'count', values }) => ({
        label: name,
        scale,
        stroke: colour(`--series-${number}`),
        width: kind === 'line' ? 2 : 0,
        ...(kind === 'bars' && {
          fill: colour(`--series-${number}`),
          paths: uPlot.paths.bars?.({ size: [0.7, 40] }) ?? null,
        }),
        points: { show: kind === 'line' && values.length < 40 },
        // A stacked bar stands at its sum; what it says is its own value. Nothing is pointed at: its name alone.
        value: (_plot: uPlot, _value: number, _series: number, index: number | null) =>
          index === null ? '' : valueIn(scale, values[index] ?? null),
      })),
    ] as uPlot.Series[],
  };
}

/** A tick below the bar of a day, with the name of the day. */
function dayAxis(at: number[]): Pick<uPlot.Axis, 'splits' | 'values'> {
  return {
    splits: ({ bbox }) => dayTicks(at, bbox.width / devicePixelRatio).map((time) => time / 1_000),
    values: (_plot, ticks) => ticks.map((tick) => dayName(tick * 1_000)),
  };
}

/** From the first to the last, in seconds, with half a step around them: bars stand around their time. */
function spanOf(at: number[], isByDay: boolean): [number, number] {
  const [first = 0, second = first + (isByDay ? 86_400_000 : 3_600_000)] = at;
  const half = (second - first) / 2;
  return [(first - half) / 1_000, ((at.at(-1) ?? first) + half) / 1_000];
}

function valueIn(scale: string, value: number | null): string {
  if (value === null) return '–';
  if (scale === 'percent') return `${Math.round(value)} %`;
  if (scale === 'ms') return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
  return String(value);
}
