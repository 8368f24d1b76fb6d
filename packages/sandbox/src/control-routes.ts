import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { errorAnswer } from './answer.ts';
import type { Sandbox } from './sandbox.ts';
import {
  actionSchema,
  bulkSchema,
  callSchema,
  idSchema,
  queueSchema,
  scriptSchema,
  settingsSchema,
  userSchema,
} from './schemas.ts';
import { describeScenarios, scenarios } from './simulations.ts';

const runSchema = z.strictObject({
  scenario: z.enum(scenarios),
  userId: idSchema,
  callId: idSchema,
  targetQueueId: idSchema,
  fallbackQueueId: idSchema.optional(),
});

const paramsSchema = z.strictObject({ id: idSchema });
const resendSchema = z.strictObject({ callId: idSchema });
const querySchema = z.strictObject({ callId: idSchema.optional() });

class InvalidInput extends Error {
  readonly errors: { field: string; message: string }[];

  constructor(error: z.ZodError) {
    super('Some fields are not as they must be');
    this.errors = error.issues.flatMap((issue) => {
      const fields =
        issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      const message = issue.code === 'unrecognized_keys' ? 'is unknown' : issue.message;
      return fields.map((path) => ({ field: path.join('.') || 'body', message }));
    });
  }
}

/** The control API under `/control`: the methods of the sandbox as routes. Invalid input is a 400 that names every invalid field. */
export function addControlRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  addWorldRoutes(app, sandbox);
  addBehaviourRoutes(app, sandbox);
  addRecordRoutes(app, sandbox);
}

/** Returns the answer for an invalid request, or undefined if the error is not one of the control API. */
export function describeInvalidInput(error: unknown) {
  if (!(error instanceof InvalidInput)) return undefined;
  return errorAnswer(400, 'bad.request', error.message, { errors: error.errors });
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
  app.post('/control/simulations', async (request) => sandbox.simulate(parse(runSchema, request.body)));
  app.get('/control/simulations', async () => ({ items: describeScenarios() }));
}

function addBehaviourRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  app.post('/control/scripts', async (request, reply) => {
    sandbox.addScript(parse(scriptSchema, request.body));
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

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input ?? {});
  if (!parsed.success) throw new InvalidInput(parsed.error);
  return parsed.data;
}

function idOf(request: FastifyRequest): string {
  return parse(paramsSchema, request.params).id;
}

function refuse(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send(errorAnswer(status, code, message).body);
}
