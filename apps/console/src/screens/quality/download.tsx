import { useMutation, useQueryClient } from '@tanstack/react-query';
import { handover, wordsOf } from '../../api.ts';
import { Button } from '../../ui/button.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { Trouble } from '../../ui/trouble.tsx';
import { fileNameOf, isSame, rowsIn } from './csv.ts';
import { countOf } from './figures.ts';
import { reportOptions } from './use-report.ts';
import { queryOf, type View } from './view.ts';

const TRIES = 3;

/** Saves the report as CSV: what the page shows, to the last number. */
export function Download({ view }: { view: View }) {
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: async () => {
      for (let tried = 1; ; tried += 1) {
        const now = Date.now();
        const { report } = await client.fetchQuery({ ...reportOptions(view, now), staleTime: 0 });
        const csv = await csvOf(view, now);
        const same = isSame(csv, report);
        // Something ended between the two: ask for both again.
        if (!same && tried < TRIES) continue;
        const name = fileNameOf(queryOf(view, now), report);
        saveFile(name, csv);
        return { name, same, rows: rowsIn(csv).length };
      }
    },
  });
  return (
    <div className="stack quality-download">
      <Button look="primary" onPress={() => save.mutate()} isDisabled={save.isPending}>
        {save.isPending ? 'Fetching …' : 'Download as CSV'}
      </Button>
      <div role="status" className="small soft">
        {save.data !== undefined && (
          <p>
            Saved <bdi>{save.data.name}</bdi>: {countOf(save.data.rows)}{' '}
            {save.data.rows === 1 ? 'row' : 'rows'},{' '}
            {save.data.same
              ? 'with the numbers of this page.'
              : 'a moment newer than this page: transfers are ending right now.'}
          </p>
        )}
      </div>
      {save.error !== null && <Trouble {...wordsOf(save.error)} />}
    </div>
  );
}

async function csvOf(view: View, now: number): Promise<string> {
  const answer: unknown = await handover.request('get', '/api/reports/quality', {
    query: queryOf(view, now),
    headers: { accept: 'text/csv' },
  });
  if (typeof answer !== 'string') throw new TypeError('The API sent no CSV.');
  return answer;
}
