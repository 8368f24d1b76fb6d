import { type Check, skipped } from '../checks/check.ts';
import { checkConnection } from '../checks/connection.ts';
import { checkDatabase } from '../postgres/check.ts';
import type { DestinationSettings } from './destination.ts';
import { billingSchema } from './migrations.ts';

const CONNECT_MS = 5_000;

/** The checks of the destinations: that each can be reached, and used. They send no bill and write nothing. */
export function destinationChecks({ url, databaseUrl }: DestinationSettings): Check[] {
  return [
    {
      id: 'billing-http',
      what: 'Billing over HTTP',
      run: async () =>
        url === undefined
          ? skipped('BILLING_URL is not set')
          : checkConnection({ url, correct: 'correct BILLING_URL' }, CONNECT_MS),
    },
    {
      id: 'billing-database',
      what: 'Billing database',
      run: async () =>
        databaseUrl === undefined
          ? skipped('BILLING_DATABASE_URL is not set')
          : checkDatabase(databaseUrl, {
              ...{ variable: 'BILLING_DATABASE_URL', schema: billingSchema, timeoutMs: CONNECT_MS },
              tables: { handover_billing_records: ['INSERT'] },
            }),
    },
  ];
}
