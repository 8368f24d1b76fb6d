import type { DeliveryAnswer } from '../billing/deliver.ts';
import type { Bill } from '../billing/words.ts';
import { causeOf, isFinal, openDatabase, type PoolOptions } from '../postgres/pool.ts';
import { storable } from '../postgres/storable.ts';
import type { DestinationParts, DestinationSettings, OpenDestination } from './destination.ts';
import { billingSchema } from './migrations.ts';

export type PostgresDestinationOptions = PoolOptions;

const CONNECTIONS = 10;
const TIMEOUT_MS = 5_000;

export function openPostgres(
  { databaseUrl: url }: DestinationSettings,
  { onError }: DestinationParts,
): OpenDestination | undefined {
  if (url === undefined) return undefined;
  return createPostgresDestination({ url, connections: CONNECTIONS, timeoutMs: TIMEOUT_MS, onError });
}

const INSERT = `
  INSERT INTO handover_billing_records
    (id, event_id, call_id, transfer_type, target_id, target_type, occurred_at, billing_code, transfer_id, metadata, synthesized)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (id) DO NOTHING`;

/**
 * Inserts bills into a PostgreSQL table, which it creates and migrates before the first one. The caller closes it.
 */
export function createPostgresDestination(options: PostgresDestinationOptions): OpenDestination {
  const database = openDatabase(options, billingSchema);
  return {
    name: 'postgres',
    async deliver(bill) {
      try {
        await database.query(INSERT, row(bill));
        return { delivered: true };
      } catch (error) {
        return toAnswer(error);
      }
    },
    close: database.close,
  };
}

function row(bill: Bill): unknown[] {
  const { id, eventId, callId, transferType, target, timestamp, billingCode, transferId, metadata } = bill;
  return [
    id,
    eventId,
    callId,
    transferType,
    target.id,
    target.type ?? null,
    timestamp,
    billingCode,
    transferId ?? null,
    metadata === undefined ? null : JSON.stringify(storable(metadata)),
    bill.synthesized === true,
  ];
}

function toAnswer(error: unknown): DeliveryAnswer {
  return { delivered: false, kind: isFinal(error) ? 'refused' : 'trouble', detail: causeOf(error) };
}
