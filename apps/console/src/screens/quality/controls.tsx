import { Link, useNavigate } from '@tanstack/react-router';
import { Form } from 'react-aria-components';
import { Button } from '../../ui/button.tsx';
import { TextEntry } from '../../ui/field.tsx';
import { SwapDays } from '../../ui/swap-days.tsx';
import {
  dimensionsOf,
  filterNames,
  type Grouping,
  groupings,
  isDate,
  keysOf,
  presets,
  rangeIn,
  searchOf,
  swapped,
  type View,
  viewOf,
} from './view.ts';

/** What the report is of: its range, its rows, its filters. All of it stands in the URL. */
export function Controls({ view }: { view: View }) {
  const { range, by, filters } = view;
  const groups: Grouping[] = keysOf(groupings);
  const turned = swapped(view);
  return (
    <section className="card stack quality-controls" aria-label="What the report is of">
      <div className="row">
        <nav className="segments" aria-label="Range">
          {keysOf(presets).map((preset) => (
            <Link
              key={preset}
              to="/quality"
              activeOptions={{ exact: true }}
              search={searchOf({ range: { preset }, by: groupFor(view, preset), filters })}
              aria-current={'preset' in range && range.preset === preset ? 'true' : undefined}
            >
              {presets[preset]}
            </Link>
          ))}
        </nav>
        <nav className="segments" aria-label="A row for each">
          {groups.map((group) => (
            <Link
              key={group}
              to="/quality"
              activeOptions={{ exact: true }}
              search={searchOf({ range, by: group, filters })}
              aria-current={by === group ? 'true' : undefined}
            >
              By {group === 'key' ? groupings.key : groupings[group].toLowerCase()}
            </Link>
          ))}
        </nav>
      </div>
      <Narrow key={JSON.stringify([range, filters])} view={view} />
      {turned !== undefined && <SwapDays to="/quality" search={searchOf(turned)} />}
    </section>
  );
}

/** Another range has its own usual rows, hours or days; rows by name stay. */
function groupFor({ by }: View, preset: keyof typeof presets): Grouping {
  return by === 'hour' || by === 'day' ? viewOf({ range: preset }).by : by;
}

/** Two dates, and names to narrow by. */
function Narrow({ view }: { view: View }) {
  const navigate = useNavigate();
  const { range, by, filters } = view;
  const dates: { from?: string; to?: string | undefined } = 'preset' in range ? {} : range;
  const isNarrowed = dimensionsOf({ by: 'hour', filters }).length > 0;
  return (
    <Form
      className="quality-narrow"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const given = [...form].flatMap(([name, value]) => {
          const text = String(value).trim();
          return text === '' ? [] : [[name, text]];
        });
        const typed: Record<string, string> = Object.fromEntries(given);
        // One date alone is the day itself.
        const day = typed.from ?? typed.to;
        // Dates that were taken away are the usual range; a range that the fields do not show stays.
        const asked = day === undefined && dayIn(dates.from) === '' ? rangeIn(range) : {};
        const group = by === 'hour' || by === 'day' ? {} : { by };
        const next = { ...asked, ...group, ...typed, ...(day !== undefined && { from: day }) };
        void navigate({ to: '/quality', search: searchOf(viewOf(next)) });
      }}
    >
      <TextEntry label="From (day in UTC)" name="from" type="date" defaultValue={dayIn(dates.from)} />
      <TextEntry label="To, included" name="to" type="date" defaultValue={dayIn(dates.to)} />
      {keysOf(filterNames).map((name) => (
        <TextEntry
          key={name}
          label={`Only ${name === 'key' ? filterNames.key : filterNames[name].toLowerCase()}`}
          name={name}
          defaultValue={filters[name] ?? ''}
          maxLength={200}
          autoComplete="off"
          placeholder="all"
        />
      ))}
      <div className="row">
        <Button type="submit">Show</Button>
        {isNarrowed && (
          <Link to="/quality" search={searchOf({ range, by, filters: {} })}>
            Show all
          </Link>
        )}
      </div>
    </Form>
  );
}

/** What a date field can show; a range by times of the day leaves it empty. */
function dayIn(date: string | undefined): string {
  return date !== undefined && isDate(date) ? date : '';
}
