import { Link, useSearch } from '@tanstack/react-router';
import { useSession } from '../../session.tsx';
import { useTitle } from '../../shell/frame.tsx';
import { History } from './history.tsx';
import { Practise } from './practise.tsx';
import { Result } from './result.tsx';
import { changed, type Search, TABS, type Tab, tabOf } from './search.ts';
import './training.css';

const NAMES: Record<Tab, string> = { practise: 'Practise', history: 'History', result: 'Result to print' };

/** The training: a scenario to practise, what was practised, and the result of a trainee or a class. */
export function Screen() {
  useTitle('Training');
  const search = useSearch({ from: '/training' });
  const { may } = useSession();
  const allowed = may('train') ? TABS : TABS.filter((tab) => tab !== 'practise');
  const tab = tabOf(search, allowed);
  return (
    <div className="page training">
      <div className="page-head no-print">
        <div>
          <h1>Training</h1>
          <p className="soft">
            Predict what Handover will do with a call, then watch it do so. It all happens in the sandbox: no
            live call is ever touched.
          </p>
        </div>
      </div>
      <nav className="tabs no-print" aria-label="Training">
        {allowed.map((one) => (
          <Link
            key={one}
            to="/training"
            search={searchOfTab(one, search)}
            className="tab training-tab"
            data-selected={one === tab ? '' : undefined}
            aria-current={one === tab ? 'page' : undefined}
          >
            {NAMES[one]}
          </Link>
        ))}
      </nav>
      {tab === 'practise' && <Practise search={search} />}
      {tab === 'history' && <History search={search} />}
      {tab === 'result' && <Result search={search} />}
    </div>
  );
}

/** Another tab keeps who practises; history and result begin with the same trainee and class. */
function searchOfTab(tab: Tab, search: Search): Search {
  if (tab === 'practise') return changed(search, { tab: undefined, cursor: undefined });
  const isFiltered = search.tab === 'history' || search.tab === 'result';
  const filters = isFiltered ? {} : { runsOf: search.trainee, runsIn: search.class };
  return changed(search, { ...filters, tab, scenario: undefined, fallback: undefined, cursor: undefined });
}
