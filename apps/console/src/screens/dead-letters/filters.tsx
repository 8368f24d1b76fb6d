import { MoreFilters, WordChoice } from '../../narrow/more-filters.tsx';
import { Button } from '../../ui/button.tsx';
import { reasonChoice, reasons } from '../../ui/reasons.ts';
import { Folded } from '../transfers/folded.tsx';
import { ChosenWords } from './chosen.tsx';
import { type Filter, kinds } from './filter.ts';

type Filters = { filter: Filter; onFilter: (filter: Record<string, string>) => void };

/** The filters of the API. What is set goes to `onFilter`, which puts it into the URL. */
export function Filters({ filter, onFilter }: Filters) {
  const { kind, reason, ...more } = filter;
  const chosen = { ...(kind && { kind }), ...(reason && { reason }) };
  const isSet = Object.keys(filter).length > 0;
  const showAll = () => onFilter({});
  return (
    <section className="card stack" aria-label="Filters">
      <Folded isSet={isSet} words={isSet && <ChosenWords filter={filter} />} onNone={showAll}>
        <div className="filters">
          <WordChoice
            label="Kind"
            word={kind}
            words={kinds}
            onChoose={(word) => onFilter({ ...filter, kind: word })}
          />
          <WordChoice
            label="Reason"
            word={reason}
            words={reasons}
            nameOf={reasonChoice}
            onChoose={(word) => onFilter({ ...filter, reason: word })}
          />
          {isSet && <Button onPress={showAll}>Show all</Button>}
        </div>
        <MoreFilters
          filter={more}
          from="Dead since (day in UTC)"
          to="Dead until (day in UTC)"
          onFilter={(texts) => onFilter({ ...texts, ...chosen })}
        />
      </Folded>
    </section>
  );
}
