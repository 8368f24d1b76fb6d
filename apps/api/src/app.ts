import accepts from '@fastify/accepts';
import helmet from '@fastify/helmet';
import { addBillingRoutes } from './billing/routes.ts';
import { addWebhookRoute } from './billing/webhook-route.ts';
import { createGuards } from './http/auth.ts';
import { drainOnClose } from './http/draining.ts';
import { sendProblem } from './http/failures.ts';
import { addProblemRoutes } from './http/problem-routes.ts';
import { Problem } from './http/problems.ts';
import { movePages } from './http/public-path.ts';
import { refuseWithoutRedis } from './http/redis-gate.ts';
import { createHttp } from './http/server.ts';
import { traceRequests } from './http/tracing.ts';
import { addDocs, addOpenApi } from './operation/docs.ts';
import { addProbeRoutes } from './operation/probes.ts';
import { addBoard } from './operators/board-route.ts';
import { addDeadLetterRoutes } from './operators/dead-letters.ts';
import type { Api, ApiParts } from './parts.ts';
import { addReportRoutes } from './reports/routes.ts';
import { addSimulatorRoute } from './simulator/routes.ts';
import { addBatchRoute } from './transfers/batch-route.ts';
import { addCallbackRoutes } from './transfers/callback-routes.ts';
import { addEventsRoute } from './transfers/events-route.ts';
import { addTransferRoutes } from './transfers/routes.ts';
import { createWaits } from './transfers/waits.ts';

/**
 * The HTTP edge: parses, authorises, calls core, answers. It does not listen; closing it ends open waits and streams, but
 * does not close the parts.
 */
export async function createApp(parts: ApiParts): Promise<Api> {
  const app = createHttp(parts);
  const waits = createWaits(parts.config.waitsPerKey);
  const guards = createGuards(parts.config);
  app.addHook('onRequest', guards.host);
  drainOnClose(app, parts.changes.release, parts.timeouts?.drainMs);
  answerUnknownRoutes(app);
  addOpenApi(app);

  await app.register(async (upstream: Api) => {
    upstream.addHook('onRequest', guards.apiKey);
    traceRequests(upstream, parts.tracing);
    upstream.addHook('preValidation', async () => refuseWithoutRedis(parts));
    addTransferRoutes(upstream, parts, waits);
    addBatchRoute(upstream, parts);
    addEventsRoute(upstream, parts, waits);
    addSimulatorRoute(upstream, parts, waits);
    addReportRoutes(upstream, parts);
    await upstream.register(accepts);
    addBillingRoutes(upstream, parts);
  });
  await app.register(async (platform: Api) => addWebhookRoute(platform, parts));
  await app.register(async (operators: Api) => {
    operators.addHook('onRequest', guards.operator);
    traceRequests(operators, parts.tracing);
    operators.addHook('preValidation', async () => refuseWithoutRedis(parts));
    addDeadLetterRoutes(operators, parts);
    addCallbackRoutes(operators, parts);
  });
  await app.register(async (unguarded: Api) => {
    addProbeRoutes(unguarded, parts);
    addProblemRoutes(unguarded);
  });
  await app.register(async (pages: Api) => {
    await pages.register(helmet, { contentSecurityPolicy: PAGE_POLICY, strictTransportSecurity: false });
    movePages(pages);
    addDocs(pages, parts.config.publicUrl);
    await pages.register(async (board: Api) => addBoard(board, parts, guards));
  });
  await app.ready();
  return app;
}

/** No foreign origins; no upgrade to https, since pages must also work over plain http. */
const PAGE_POLICY = {
  directives: {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    upgradeInsecureRequests: null,
  },
};

function answerUnknownRoutes(app: Api): void {
  const known = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*') || url.startsWith('/admin') || url.startsWith('/docs')) return;
    const route = known.get(url) ?? { pattern: pathPattern(url), methods: new Set() };
    for (const one of [method].flat()) route.methods.add(one);
    known.set(url, route);
  });

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const route = [...known.values()].find(({ pattern }) => pattern.test(path));
    if (route === undefined)
      return sendProblem(request, reply, new Problem('route-not-found', 'There is no route at this path.'));
    const allow = [...route.methods].sort().join(', ');
    return sendProblem(
      request,
      reply,
      new Problem('method-not-allowed', `Allowed here: ${allow}.`, {}, { allow }),
    );
  });
}

function pathPattern(url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`);
}
