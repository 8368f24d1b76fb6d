import { createServer, type Server } from 'node:http';
import { version } from '@handover/core/config';
import type { Registry } from '@handover/core/metrics';
import type { presenceView, WebhookView } from '@handover/core/redis';
import type { Mode } from '@handover/core/transfer';

/** The same shape as that of the API. */
export type Readiness = {
  status: 'ready' | 'not-ready';
  mode: Mode;
  redis: 'connected' | 'unavailable' | 'refused';
  /** Why Redis is unusable, and how to fix it. */
  redisDetail?: string | undefined;
  durability: 'durable' | 'volatile' | 'unknown' | 'not-checked';
  genesys: {
    dialect: string;
    baseUrl: string;
    token: string;
    tokenDetail?: string;
    holdOffUntil: string | null;
    holds?: { operation: string; until: string }[];
  };
  webhook: WebhookView;
} & ReturnType<typeof presenceView>;

export type HealthOptions = {
  registry: Registry;
  mode: Mode;
  alive: () => boolean;
  ready: () => Promise<Readiness>;
};

/** `/metrics`, `/healthz` and `/readyz` of a worker. The caller listens and closes. */
export function createHealthServer({ registry, mode, alive, ready }: HealthOptions): Server {
  return createServer(async (request, response) => {
    const path = (request.url ?? '').split('?')[0];
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    try {
      if (path === '/metrics')
        response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
      else if (path === '/healthz')
        json(alive() ? 200 : 503, { status: alive() ? 'alive' : 'stopped', mode, version });
      else if (path === '/readyz') {
        const body = await ready();
        json(body.status === 'ready' ? 200 : 503, body);
      } else json(404, { code: 'route-not-found', detail: 'Available: /metrics, /healthz and /readyz.' });
    } catch {
      json(503, { status: 'not-ready', detail: 'the answer could not be built' });
    }
  });
}
