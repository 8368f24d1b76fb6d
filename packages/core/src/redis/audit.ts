import { type Actor, actorLabel } from '../transfer/words.ts';
import type { RedisClient } from './connection.ts';
import { type Lane, laneKeys } from './keys.ts';

/** What the audit records: a closed set. */
export const auditActions = [
  ...(['replay', 'resolve', 'cancel', 'pause', 'resume', 'sign-in'] as const),
  ...(['replay-many', 'resolve-many', 'stop', 'send-callback'] as const),
] as const;
export type AuditAction = (typeof auditActions)[number];

/** `thing`: the transfer, dead letter, callback, queue or action over many. `role`: '' for a key without roles. `id` grows with time. */
export type AuditEntry = {
  id: string;
  /** Epoch milliseconds by Redis' clock. */
  at: number;
  actor: string;
  role: string;
  action: AuditAction;
  thing: string;
  reason: string;
};

export type AuditFilter = {
  actor?: string | undefined;
  action?: AuditAction | undefined;
  thing?: string | undefined;
};
export type AuditQuery = AuditFilter & {
  /** A half-open range in epoch milliseconds. */
  from: number;
  to: number;
  /** The id of the entry after which to continue. */
  after: string | undefined;
  limit: number;
};

export type AuditStore = ReturnType<typeof createAuditStore>;

/** How long entries are kept, in ms, and how many at most. */
export const AUDIT_KEPT_MS = 400 * 24 * 3_600_000;
const MOST_KEPT = 1_000_000;
const WALKED_AT_ONCE = 250;
/** How many entries a page with a filter looks at. */
const MOST_WALKED = 1_000;

/** The entry as the scripts take it (`ARGV.audit`), which add it as their first write. */
export function auditFields(actor: Actor, action: AuditAction, thing: string, reason = ''): string {
  const role = 'role' in actor ? (actor.role ?? '') : '';
  return JSON.stringify(Object.entries({ actor: actorLabel(actor), role, action, thing, reason }).flat());
}

/** Reads and trims the audit. Every function throws what Redis throws. */
export function createAuditStore(redis: RedisClient, lane: Lane) {
  const { audit, auditCopied } = laneKeys(lane);

  /**
   * The newest first. A page looks at up to 1,000 entries, so with a filter it may be short and still have a `next`: the id of the
   * last entry looked at.
   */
  async function page({ from, to, after, limit, ...filter }: AuditQuery) {
    const start = from <= 0 ? '-' : String(from);
    let end = after === undefined ? upTo(to) : `(${after}`;
    const items: AuditEntry[] = [];
    for (let walked = 0; walked < MOST_WALKED; ) {
      const count = Math.min(WALKED_AT_ONCE, MOST_WALKED - walked);
      const found = await redis.xrevrange(audit, end, start, 'COUNT', count);
      for (const [id, fields] of found) {
        walked += 1;
        end = `(${id}`;
        const entry = entryOf(id, fields);
        if (isWanted(entry, filter)) items.push(entry);
        if (items.length === limit) return { items, next: id };
      }
      if (found.length < count) return { items, next: undefined };
    }
    return { items, next: end.slice(1) };
  }

  return {
    page,

    /** The entries after this one, the oldest first, for a copy elsewhere; '' = from the beginning. */
    async since(id: string, limit: number): Promise<AuditEntry[]> {
      const found = await redis.xrange(audit, id === '' ? '-' : `(${id}`, '+', 'COUNT', limit);
      return found.map(([one, fields]) => entryOf(one, fields));
    },

    /** Up to which entry it has been copied elsewhere; '' = none. */
    async copied(): Promise<string> {
      return (await redis.get(auditCopied)) ?? '';
    },

    async noteCopied(id: string): Promise<void> {
      await redis.set(auditCopied, id);
    },

    /** Writes down what has no script of its own, before it is done. */
    async note(actor: Actor, action: AuditAction, thing: string, reason: string): Promise<void> {
      await redis.xadd(audit, '*', ...(JSON.parse(auditFields(actor, action, thing, reason)) as string[]));
    },

    /** Removes what is older than the retention, and the oldest beyond a million. `now`: by Redis' clock. */
    async trim(now: number): Promise<void> {
      await redis.xtrim(audit, 'MINID', String(now - AUDIT_KEPT_MS));
      await redis.xtrim(audit, 'MAXLEN', '~', MOST_KEPT);
    },
  };
}

function upTo(to: number): string {
  return to >= Number.MAX_SAFE_INTEGER ? '+' : String(to - 1);
}

function isWanted({ actor, action, thing }: AuditEntry, wanted: AuditFilter): boolean {
  if (wanted.action !== undefined && action !== wanted.action) return false;
  if (wanted.thing !== undefined && thing !== wanted.thing) return false;
  if (wanted.actor === undefined || actor === wanted.actor) return true;
  return actor.slice(actor.indexOf(':') + 1) === wanted.actor;
}

function entryOf(id: string, fields: string[]): AuditEntry {
  const of = (name: string) => {
    const at = fields.findIndex((field, index) => index % 2 === 0 && field === name);
    return at < 0 ? '' : (fields[at + 1] ?? '');
  };
  return {
    id,
    at: Number(id.split('-')[0]),
    actor: of('actor'),
    role: of('role'),
    action: of('action') as AuditAction,
    thing: of('thing'),
    reason: of('reason'),
  };
}
