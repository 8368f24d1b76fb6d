import { Link } from '@tanstack/react-router';

type Swap = { to: '/quality' | '/training'; search: Record<string, string> };

/** Says that two days are the wrong way round; `search` has them swapped. */
export function SwapDays({ to, search }: Swap) {
  return (
    <p className="note waiting" role="status">
      The first day is after the last one.{' '}
      <Link to={to} search={search}>
        Swap them
      </Link>
    </p>
  );
}
