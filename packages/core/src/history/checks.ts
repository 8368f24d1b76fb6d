import { type Check, skipped } from '../checks/check.ts';
import { checkDatabase } from '../postgres/check.ts';
import { historySchema } from './schema.ts';

const TIMEOUT_MS = 5_000;
const PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE'];

/** The check of the history: that its database can be used. It writes nothing. */
export function historyChecks(url: string | undefined): Check[] {
  return [
    {
      id: 'history',
      what: 'History',
      run: async () =>
        url === undefined
          ? skipped('HISTORY_DATABASE_URL is not set')
          : checkDatabase(url, {
              ...{ variable: 'HISTORY_DATABASE_URL', schema: historySchema, timeoutMs: TIMEOUT_MS },
              tables: {
                handover_transfers: PRIVILEGES,
                handover_bills: PRIVILEGES,
                handover_audit: ['SELECT', 'INSERT'],
              },
            }),
    },
  ];
}
