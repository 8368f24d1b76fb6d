const ABSOLUTE = /^https?:\/\//;

/** The page of the runbook: a link where it is an address, else its name. */
export function Runbook({ page }: { page: string }) {
  return (
    <p className="small">
      Runbook:{' '}
      {ABSOLUTE.test(page) ? (
        <a href={page} target="_blank" rel="noreferrer">
          {page}
        </a>
      ) : (
        <code>{page}</code>
      )}
    </p>
  );
}
