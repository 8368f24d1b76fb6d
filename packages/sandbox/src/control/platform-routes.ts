import type { FastifyInstance } from 'fastify';
import type { Platform } from '../platform/platform.ts';
import { conversationActionSchema, conversationSchema, platformSettingsSchema } from '../platform/schemas.ts';
import type { Sandbox } from '../sandbox.ts';
import { InvalidInput, idOf, parse, refuse } from './input.ts';

/** The control API of the second world, under `/control/platform`. Scripts, ledger and requests are those of both. */
export function addPlatformControlRoutes(app: FastifyInstance, { platform }: Sandbox): void {
  addConversationRoutes(app, platform);
  addDirectoryRoutes(app, platform);
  app.post('/control/platform/hurry', async (_request, reply) => {
    platform.hurry();
    return reply.code(204).send();
  });
  app.get('/control/platform/settings', async () => platform.settings);
  app.put('/control/platform/settings', async (request) =>
    platform.changeSettings(parse(platformSettingsSchema, request.body)),
  );
}

function addConversationRoutes(app: FastifyInstance, platform: Platform): void {
  const path = '/control/platform/conversations/:id';
  const unknown = (id: string) => [404, 'conversation.not.found', `No conversation ${id}`] as const;
  app.put(path, async (request) =>
    platform.putConversation(idOf(request), parse(conversationSchema, request.body)),
  );
  app.get(path, async (request, reply) => {
    const id = idOf(request);
    return platform.conversations.read(id) ?? refuse(reply, ...unknown(id));
  });
  app.post(`${path}/actions`, async (request, reply) => {
    const id = idOf(request);
    const action = parse(conversationActionSchema, request.body);
    if (!platform.conversations.read(id)) return refuse(reply, ...unknown(id));
    const message = `Conversation ${id} has no leg to which this can happen`;
    return platform.act(id, action) ?? refuse(reply, 409, 'not.possible', message);
  });
  app.delete(path, async (request, reply) => {
    platform.deleteConversation(idOf(request));
    return reply.code(204).send();
  });
}

function addDirectoryRoutes(app: FastifyInstance, { directory }: Platform): void {
  for (const shelf of directory.shelves()) {
    const path = `/control/platform/${shelf.name}/:id`;
    app.put(path, async (request) => {
      const put = shelf.putUnchecked(idOf(request), request.body ?? {});
      if ('error' in put) throw new InvalidInput(put.error);
      return put.thing;
    });
    app.delete(path, async (request, reply) => {
      shelf.delete(idOf(request));
      return reply.code(204).send();
    });
  }
}
