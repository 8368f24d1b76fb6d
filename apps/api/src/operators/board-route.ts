import type { FastifyInstance, FastifyReply, FastifyRequest, InjectOptions } from 'fastify';
import { refuseWithoutRedis } from '../http/redis-gate.ts';
import type { Api, ApiParts } from '../parts.ts';

const PATH = '/admin/queues';
/** Hop-by-hop headers and those of the body; `reply` sets its own. */
const NOT_CARRIED = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']);

/**
 * Bull Board at `/admin/queues`, for operators. Loaded on the first request: it takes a tenth of the process' memory, and
 * most processes never serve it.
 */
export function addBoard(app: Api, parts: ApiParts): void {
  let board: Promise<FastifyInstance> | undefined;
  app.addHook('onRequest', async () => refuseWithoutRedis(parts));
  app.addHook('onClose', async () => {
    await (await board?.catch(() => undefined))?.close();
  });

  async function answer(request: FastifyRequest, reply: FastifyReply) {
    board ??= loadBoard(parts).catch((error) => {
      // The next request tries again.
      board = undefined;
      throw error;
    });
    const { method, url, id, body } = request;
    const { statusCode, headers, rawPayload } = await (await board).inject({
      method: method as NonNullable<InjectOptions['method']>,
      url,
      headers: { ...carried(request.headers), 'x-request-id': id },
      ...(body == null ? {} : { payload: body as object }),
    });
    return reply.code(statusCode).headers(carried(headers)).send(rawPayload);
  }
  for (const url of [PATH, `${PATH}/*`])
    app.all(url, { config: { needs: 'inspect' }, schema: { hide: true } }, answer);
}

async function loadBoard(parts: ApiParts): Promise<FastifyInstance> {
  const { createBoard } = await import('./board.ts');
  return createBoard(PATH, parts);
}

function carried<V>(headers: Record<string, V>): Record<string, V> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_CARRIED.has(name)));
}
