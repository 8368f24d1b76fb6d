import type { Schema } from '../postgres/migrate.ts';

const migrations = [
  `CREATE TABLE handover_billing_records (
     id            text PRIMARY KEY,
     event_id      text NOT NULL,
     call_id       text NOT NULL,
     transfer_type text NOT NULL,
     target_id     text NOT NULL,
     target_type   text,
     occurred_at   timestamptz NOT NULL,
     billing_code  text NOT NULL,
     transfer_id   text,
     metadata      jsonb,
     synthesized   boolean NOT NULL DEFAULT false,
     stored_at     timestamptz NOT NULL DEFAULT now()
   );
   CREATE INDEX handover_billing_records_occurred_at ON handover_billing_records (occurred_at);
   CREATE INDEX handover_billing_records_call_id ON handover_billing_records (call_id);`,
];

export const billingSchema: Schema = {
  versions: 'handover_migrations',
  lock: 4_812_207_591,
  statements: migrations,
};
