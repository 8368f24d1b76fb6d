import type { QualityReport } from '@handover/client';
import { queryOptions } from '@tanstack/react-query';
import { handover } from '../../api.ts';
import { queryOf, type View } from './view.ts';

/** A report with what was asked for: while another is fetched, the one before stays as it was. */
export type Told = { report: QualityReport; view: View };

/** How the report of this view is fetched. `now`: epoch ms. */
export function reportOptions(view: View, now: number) {
  const query = queryOf(view, now);
  return queryOptions({
    queryKey: ['quality', query],
    queryFn: async ({ signal }): Promise<Told> => ({
      report: await handover.reports.quality(query, { signal }),
      view,
    }),
  });
}
