import accepts from '@fastify/accepts';
import helmet from '@fastify/helmet';
import { createAuditStore, createPauseStore, createSessionStore } from '@handover/core/redis';
import { addSessionRoutes } from './access/session-routes.ts';
import { addBillingExportRoute } from './billing/export-route.ts';
import { addBillingReportRoute } from './billing/report-route.ts';
import { addBillingRoutes } from './billing/routes.ts';
import { addWebhookRoute } from './billing/webhook-route.ts';
import { createGuard, type GuardedRoute, guardRoutes } from './http/auth.ts';
import { drainOnClose } from './http/draining.ts';
import { sendProblem } from './http/failures.ts';
import { addProblemRoutes } from './http/problem-routes.ts';
import { Problem } from './http/problems.ts';
import { movePages } from './http/public-path.ts';
import { refuseWithoutRedis } from './http/redis-gate.ts';
import { createHttp } from './http/server.ts';
import { traceRequests } from './http/tracing.ts';
import { addConfigurationRoute } from './operation/configuration-route.ts';
import { addConsole, consoleFolder } from './operation/console-route.ts';
import { addDocs, addOpenApi } from './operation/docs.ts';
import { addProbeRoutes } from './operation/probes.ts';
import { addStatusRoute } from './operation/status-route.ts';
import { addActionRoutes } from './operators/action-routes.ts';
import { addAuditRoute } from './operators/audit-route.ts';
import { addBoard } from './operators/board-route.ts';
import { addDeadLetterRoutes } from './operators/dead-letters.ts';
import { addQueueRoutes } from './operators/queue-routes.ts';
import type { Api, ApiParts } from './parts.ts';
import { addReportRoutes } from './reports/routes.ts';
import { addSimulatorRoute } from './simulator/routes.ts';
import { addTrainingRoutes } from './simulator/run-routes.ts';
import { addBatchRoute } from './transfers/batch-route.ts';
import { addCallbackRoutes } from './transfers/callback-routes.ts';
import { addEventsRoute } from './transfers/events-route.ts';
import { addListRoute } from './transfers/list-route.ts';
import { addTransferRoutes } from './transfers/routes.ts';
import { addStreamRoute } from './transfers/stream-route.ts';
import { createWaits } from './transfers/waits.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route with what it needs. Throws if one does not say it. */
    guardedRoutes: () => GuardedRoute[];
  }
}

/**
 * The HTTP edge: parses, authorises, calls core, answers. It does not listen; closing it ends open waits and streams, but
 * does not close the parts.
 */
export async function createApp(parts: ApiParts): Promise<Api> {
  const app = createHttp(parts);
  const waits = createWaits(parts.config.waitsPerKey);
  const { lane } = parts.live.store;
  const sessions = createSessionStore(parts.redis, lane);
  const guard = createGuard(parts, sessions);
  const guardedRoutes = guardRoutes(app, guard);
  drainOnClose(app, parts.changes.release, parts.timeouts?.drainMs);
  answerUnknownRoutes(app);
  addOpenApi(app);

  await app.register(async (api: Api) => {
    traceRequests(api, parts.tracing);
    api.addHook('preValidation', async () => refuseWithoutRedis(parts));
    await api.register(accepts);
    addTransferRoutes(api, parts, waits);
    addBatchRoute(api, parts);
    addEventsRoute(api, parts, waits);
    addListRoute(api, parts);
    addStreamRoute(api, parts, waits);
    addSimulatorRoute(api, parts, waits);
    addTrainingRoutes(api, parts);
    addReportRoutes(api, parts);
    addBillingRoutes(api, parts);
    addBillingReportRoute(api, parts);
    addBillingExportRoute(api, parts);
    addDeadLetterRoutes(api, parts);
    addActionRoutes(api, parts);
    addCallbackRoutes(api, parts);
    addQueueRoutes(api, parts, createPauseStore(parts.redis, lane));
    addAuditRoute(api, createAuditStore(parts.redis, lane));
    addSessionRoutes(api, { ...parts, sessions, guard });
  });
  await app.register(async (platform: Api) => addWebhookRoute(platform, parts));
  await app.register(async (withoutRedis: Api) => {
    addProbeRoutes(withoutRedis, parts, guard);
    addConfigurationRoute(withoutRedis, parts);
    addStatusRoute(withoutRedis, parts);
    addProblemRoutes(withoutRedis);
  });
  await app.register(async (pages: Api) => {
    await pages.register(helmet, { contentSecurityPolicy: PAGE_POLICY, strictTransportSecurity: false });
    movePages(pages);
    addDocs(pages, parts.config);
    await pages.register(async (board: Api) => addBoard(board, parts));
  });
  await app.register(async (site: Api) => addConsole(site, consoleFolder()));
  // Before it is ready: a route that forgot what it needs must never be served.
  app.decorate('guardedRoutes', guardedRoutes);
  await app.ready();
  guardedRoutes();
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
