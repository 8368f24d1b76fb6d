import type { Schema } from '../postgres/migrate.ts';

/** The tables and views of the history (docs/history.md). */
export const historySchema: Schema = {
  versions: 'handover_history_migrations',
  lock: 4_812_207_592,
  statements: [
    `CREATE TABLE handover_transfers (
       id            text PRIMARY KEY,
       version       bigint NOT NULL,
       call_id       text,
       agent         text,
       api_key       text,
       transfer_type text,
       target_type   text,
       target_id     text,
       moved_to_type text,
       moved_to_id   text,
       status        text NOT NULL,
       reason        text,
       fallback      boolean NOT NULL,
       confirmed_by  text,
       contradicted  boolean NOT NULL,
       attempts      integer NOT NULL,
       conflicts     integer NOT NULL,
       accepted_at   timestamptz NOT NULL,
       settled_at    timestamptz NOT NULL,
       metadata      jsonb,
       endings       jsonb NOT NULL,
       timeline      jsonb NOT NULL,
       record        jsonb NOT NULL,
       stored_at     timestamptz NOT NULL DEFAULT now()
     );
     CREATE INDEX handover_transfers_accepted_at ON handover_transfers (accepted_at, id COLLATE "C");
     CREATE INDEX handover_transfers_settled_at ON handover_transfers (settled_at);
     CREATE INDEX handover_transfers_call_id ON handover_transfers (call_id);
     CREATE INDEX handover_transfers_agent ON handover_transfers (agent, accepted_at);
     CREATE INDEX handover_transfers_target ON handover_transfers (target_id, accepted_at);
     CREATE TABLE handover_bills (
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
       synthesized   boolean NOT NULL,
       billed_at     timestamptz NOT NULL,
       bill          jsonb NOT NULL,
       stored_at     timestamptz NOT NULL DEFAULT now()
     );
     CREATE INDEX handover_bills_occurred_at ON handover_bills (occurred_at, id COLLATE "C");
     CREATE TABLE handover_audit (
       id        text PRIMARY KEY,
       at        timestamptz NOT NULL,
       actor     text NOT NULL,
       role      text NOT NULL,
       action    text NOT NULL,
       thing     text NOT NULL,
       reason    text NOT NULL,
       stored_at timestamptz NOT NULL DEFAULT now()
     );
     CREATE INDEX handover_audit_at ON handover_audit (at);
     CREATE VIEW handover_endings AS
       SELECT t.id, t.call_id, t.agent, t.api_key, t.transfer_type, t.target_type, t.target_id,
              CASE WHEN t.target_type = 'queue' THEN t.target_id END AS queue,
              e.status, e.reason, e.fallback, e.conflicts, e.replayed, e.ended_at
       FROM handover_transfers t, LATERAL jsonb_to_recordset(t.endings) AS
         e(status text, reason text, fallback boolean, conflicts integer, replayed boolean, ended_at timestamptz);
     CREATE VIEW handover_quality_by_day AS
       SELECT (ended_at AT TIME ZONE 'UTC')::date AS day, queue, agent, api_key,
              count(*) FILTER (WHERE status = 'transferred') AS successful,
              count(*) FILTER (WHERE status = 'transferred' AND fallback) AS fallback_used,
              count(*) FILTER (WHERE status IN ('failed', 'expired')) AS failed,
              count(*) FILTER (WHERE status = 'rejected') AS rejected,
              count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
              sum(conflicts) AS conflicts
       FROM handover_endings GROUP BY 1, 2, 3, 4;
     CREATE VIEW handover_steps AS
       SELECT t.id, t.call_id, s.place, to_timestamp((s.entry->>'at')::double precision / 1000) AS at,
              s.entry->>'step' AS step, s.entry->>'by' AS by, s.entry->>'rule' AS rule,
              s.entry->>'decided' AS decided, s.entry->>'detail' AS detail
       FROM handover_transfers t, LATERAL jsonb_array_elements(t.timeline) WITH ORDINALITY AS s(entry, place);`,
  ],
};
