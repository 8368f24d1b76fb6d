import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { wordsOf } from '../../api.ts';
import { useTitle } from '../../shell/frame.tsx';
import { useNow } from '../../ui/now.ts';
import { Trouble } from '../../ui/trouble.tsx';
import { Controls } from './controls.tsx';
import { Download } from './download.tsx';
import { isRefusedCombination, NeedsHistory } from './needs-history.tsx';
import { Report } from './report.tsx';
import { reportOptions } from './use-report.ts';
import { swapped, viewOf } from './view.ts';
import './quality.css';

const AGAIN_EVERY_MS = 60_000;

/** How transfers ended: rates, over time, by queue, agent and key, and the same numbers as a file. */
export function Screen() {
  useTitle('Quality');
  const view = viewOf(useSearch({ from: '/quality' }));
  // Days that are the wrong way round are told at the form, not asked for.
  const isWrong = swapped(view) !== undefined;
  const { data, error, isPlaceholderData, refetch } = useQuery({
    ...reportOptions(view, useNow(AGAIN_EVERY_MS)),
    refetchInterval: AGAIN_EVERY_MS,
    enabled: !isWrong,
  });
  const isRefused = isRefusedCombination(error, view);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Quality</h1>
          <p className="soft">
            Success is the outcome <code>transferred</code>; the success rate is the successful, in percent of
            the successful and the failed (outcomes <code>failed</code> and <code>expired</code>). Rejected
            and cancelled transfers are no part of it.
          </p>
        </div>
      </div>
      <Controls view={view} />
      <LeftAside words={view.ignored} />
      {isRefused && <NeedsHistory view={view} />}
      {error !== null && !isRefused && <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />}
      {!isWrong && data === undefined && error === null && <p className="loading">Adding up …</p>}
      {!isWrong && data !== undefined && (
        <div className="stack" aria-busy={isPlaceholderData}>
          <Report {...data} download={<Download key={JSON.stringify(view)} view={view} />} />
        </div>
      )}
    </div>
  );
}

function LeftAside({ words }: { words: string[] }) {
  if (words.length === 0) return null;
  return (
    <div className="note waiting" role="status">
      <strong>A part of this address is left aside</strong>
      <ul>
        {words.map((one) => (
          <li key={one} dir="auto">
            {one}
          </li>
        ))}
      </ul>
    </div>
  );
}
