import { useMutation } from '@tanstack/react-query';
import { handover, wordsOf } from '../../api.ts';
import { Button } from '../../ui/button.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { Trouble } from '../../ui/trouble.tsx';
import { checkFile } from './file.ts';
import { monthInWords } from './month.ts';

const counts = new Intl.NumberFormat();

/** Saves the month as one file, if it is whole. */
export function Download({ month }: { month: string }) {
  const name = `billing-${month}.csv`;
  const save = useMutation({
    mutationFn: async () => {
      const csv = await handover.billing.export({ month });
      const check = checkFile(csv);
      if (check.whole) saveFile(name, csv);
      return check;
    },
  });
  const done = save.data;
  return (
    <div className="stack billing-download">
      <Button look="primary" onPress={() => save.mutate()} isDisabled={save.isPending}>
        {save.isPending ? 'Fetching …' : `Download ${monthInWords(month)}`}
      </Button>
      <div role="status" className="small">
        {done === undefined && save.error === null && (
          <p className="soft">
            Every bill of the month as one CSV file, also those that the list below no longer shows. Its last
            line counts its rows; if bills are missing, this is said here and in the file.
          </p>
        )}
        {done?.whole === true && (
          <p>
            Saved {name}: the file is whole and has{' '}
            <strong>
              {counts.format(done.rows)} {done.rows === 1 ? 'row' : 'rows'}
            </strong>
            .
          </p>
        )}
        {done?.whole === true && done.missing !== undefined && (
          <p className="note waiting">
            <strong>Not every bill of the month is in it.</strong> {done.missing}.
          </p>
        )}
      </div>
      {done?.whole === false && (
        <Trouble
          title="The file is not whole, and was not saved"
          detail={done.why}
          onAgain={() => save.mutate()}
        />
      )}
      {save.error !== null && <Trouble {...wordsOf(save.error)} onAgain={() => save.mutate()} />}
    </div>
  );
}
