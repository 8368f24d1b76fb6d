import { type AuditEntry, type AuditStore, auditActions } from '@handover/core/redis';
import { z } from 'zod';
import { cursorAfter, linkNext, Next, PageQuerystring, placeIn, rangeOf } from '../http/page.ts';
import { documentProblems } from '../http/problems.ts';
import type { Api } from '../parts.ts';

const AuditQuery = PageQuerystring.extend({
  actor: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The name of a key or an operator, also as `operator:anna`.'),
  action: z.enum(auditActions).optional().describe('What was done.'),
  thing: z.string().min(1).max(200).optional().describe('The transfer, dead letter, queue or action.'),
});

const AuditPage = z.object({
  items: z.array(
    z
      .object({
        id: z.string(),
        at: z.string().meta({ format: 'date-time' }),
        actor: z.string().describe('`apiKey:crm`, `operator:anna`.'),
        role: z.string().describe('The role that allowed it; empty for a key without a role.'),
        action: z.enum(auditActions),
        thing: z.string().describe('The transfer, dead letter or queue; empty for a sign-in.'),
        reason: z.string().describe('As given; for a sign-in the address it came from.'),
      })
      .meta({ id: 'AuditEntry' }),
  ),
  next: Next,
});

/** Shows who did what. */
export function addAuditRoute(app: Api, audit: Pick<AuditStore, 'page'>): void {
  app.get(
    '/api/audit',
    {
      config: { needs: 'audit' },
      schema: {
        operationId: 'listAudit',
        tags: ['Operators'],
        summary: 'The audit',
        description:
          'Who replayed, resolved, cancelled, paused, resumed and signed in, newest first, for 400 days and at most a million entries. An action that cannot be written down is refused. With a filter a page may be short and still have a `next`.',
        querystring: AuditQuery,
        response: {
          200: AuditPage,
          ...documentProblems('invalid-request', 'unauthenticated', 'redis-unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { cursor, limit, from, to, ...filters } = request.query;
      const list = { list: 'audit', filters };
      const after = placeIn(list, cursor)?.id;
      const page = await audit.page({ ...rangeOf({ from, to }), ...filters, after, limit });
      const next = page.next === undefined ? null : cursorAfter(list, placeOf(page.next));
      if (next !== null) linkNext(request, reply, next);
      return reply.code(200).send({ items: page.items.map(view), next });
    },
  );
}

/** The id of an entry begins with its time. */
function placeOf(id: string) {
  return { at: Number(id.split('-')[0]), id };
}

function view(entry: AuditEntry) {
  return { ...entry, at: new Date(entry.at).toISOString() };
}
