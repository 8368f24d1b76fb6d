import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { platformScriptSchema } from '../platform/schemas.ts';
import { platformOperations } from '../platform/words.ts';
import type { Sandbox } from '../sandbox.ts';
import {
  actionSchema,
  bulkSchema,
  callSchema,
  idSchema,
  queueSchema,
  scriptSchema,
  settingsSchema,
  userSchema,
} from '../schemas.ts';
import { describeScenarios, type SimulatedRun, scenarios } from '../training.ts';
import { idOf, parse, refuse } from './input.ts';
import { addPlatformControlRoutes } from './platform-routes.ts';

const runSchema = z.strictObject({
  scenario: z.enum(scenarios),
  userId: idSchema,
  callId: idSchema,
  targetQueueId: idSchema,
  fallbackQueueId: idSchema.optional(),
});

const resendSchema = z.strictObject({ callId: idSchema });
const querySchema = z.strictObject({ callId: idSchema.optional() });

/** The control API under `/control`: the methods of the sandbox as routes. Invalid input is a 400 that names every invalid field. */
export function addControlRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  addWorldRoutes(app, sandbox);
  addBehaviourRoutes(app, sandbox);
  addSimulationRoutes(app, sandbox);
  addRecordRoutes(app, sandbox);
  addPlatformControlRoutes(app, sandbox);
}

function addWorldRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  app.put('/control/calls/:id', async (request) =>
    sandbox.putCall(idOf(request), parse(callSchema, request.body)),
  );
  app.post('/control/calls/:id/actions', async (request, reply) => {
    const id = idOf(request);
    const action = parse(actionSchema, request.body);
    if (!sandbox.calls.has(id)) return refuse(reply, 404, 'call.not.found', `No call ${id}`);
    return sandbox.actOnCall(id, action) ?? refuse(reply, 409, 'call.not.connected', `Call ${id} has ended`);
  });
  app.delete('/control/calls/:id', async (request, reply) => {
    sandbox.deleteCall(idOf(request));
    return reply.code(204).send();
  });
  app.put('/control/users/:id', async (request) =>
    sandbox.putUser(idOf(request), parse(userSchema, request.body)),
  );
  app.delete('/control/users/:id', async (request, reply) => {
    sandbox.deleteUser(idOf(request));
    return reply.code(204).send();
  });
  app.put('/control/queues/:id', async (request) =>
    sandbox.putQueue(idOf(request), parse(queueSchema, request.body)),
  );
  app.delete('/control/queues/:id', async (request, reply) => {
    sandbox.deleteQueue(idOf(request));
    return reply.code(204).send();
  });
  app.post('/control/bulk', async (request, reply) => {
    sandbox.addMany(parse(bulkSchema, request.body));
    return reply.code(204).send();
  });
}

/** Training in both worlds. */
function addSimulationRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  const add = (path: string, world: { simulate(run: SimulatedRun): SimulatedRun }) => {
    app.post(path, async (request) => world.simulate(parse(runSchema, request.body)));
    app.get(path, async () => ({ items: describeScenarios() }));
  };
  add('/control/simulations', sandbox);
  add('/control/platform/simulations', sandbox.platform);
}

function addBehaviourRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  app.post('/control/scripts', async (request, reply) => {
    addScript(sandbox, request.body);
    return reply.code(204).send();
  });
  app.delete('/control/scripts', async (_request, reply) => {
    sandbox.clearScripts();
    return reply.code(204).send();
  });
  app.get('/control/settings', async () => sandbox.settings);
  app.put('/control/settings', async (request) =>
    sandbox.changeSettings(parse(settingsSchema, request.body)),
  );
  app.post('/control/tokens/expire', async (_request, reply) => {
    sandbox.expireTokens();
    return reply.code(204).send();
  });
  app.post('/control/reset', async (_request, reply) => {
    sandbox.reset();
    return reply.code(204).send();
  });
}

function addRecordRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/control/ledger', async (request) => {
    const { callId } = parse(querySchema, request.query);
    return { items: sandbox.ledger.entries(callId) };
  });
  app.get('/control/requests', async (request) => {
    const { callId } = parse(querySchema, request.query);
    return { counts: sandbox.requests.counts(), items: sandbox.requests.entries(callId) };
  });
  app.delete('/control/ledger', async (_request, reply) => {
    sandbox.forgetLedger();
    return reply.code(204).send();
  });
  addEventRoutes(app, sandbox);
  app.get('/control/billing', async () => ({
    items: sandbox.billing.entries(),
    requests: sandbox.billing.requests(),
  }));
  app.delete('/control/billing', async (_request, reply) => {
    sandbox.billing.clear();
    return reply.code(204).send();
  });
  app.get('/control/health', async () => ({ status: 'ok' }));
}

function addEventRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/control/webhooks', async () => ({ items: sandbox.webhooks.list() }));
  app.get('/control/events', async (request) => {
    const { callId } = parse(querySchema, request.query);
    return { items: sandbox.events.entries(callId) };
  });
  app.post('/control/events', async (request, reply) => {
    const { callId } = parse(resendSchema, request.body);
    const latest = sandbox.events.entries(callId).at(-1);
    if (!latest) return refuse(reply, 404, 'event.not.found', `No event of call ${callId}`);
    return sandbox.events.send(latest.event);
  });
  app.delete('/control/events', async (_request, reply) => {
    sandbox.events.clear();
    return reply.code(204).send();
  });
}

// One route for both worlds: no operation of one has the name of one of the other.
function addScript(sandbox: Sandbox, body: unknown): void {
  const { operation } = (body ?? {}) as { operation?: unknown };
  if (platformOperations.some((known) => known === operation)) {
    sandbox.platform.addScript(parse(platformScriptSchema, body));
  } else {
    sandbox.addScript(parse(scriptSchema, body));
  }
}
