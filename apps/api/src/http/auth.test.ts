import fastify from 'fastify';
import { expect, test } from 'vitest';
import type { Api } from '../parts.ts';
import { guardRoutes } from './auth.ts';

const check = async () => undefined;

test('a route that does not say what it needs is refused at the start', () => {
  const app = fastify();
  const routes = guardRoutes(app as unknown as Api, { check });
  app.get('/api/told', { config: { needs: 'read' } }, async () => 'told');
  app.get('/healthz', async () => 'alive');
  expect(routes()).toEqual([
    { method: 'GET', url: '/api/told', needs: 'read' },
    { method: 'HEAD', url: '/api/told', needs: 'read' },
    { method: 'GET', url: '/healthz', needs: undefined },
    { method: 'HEAD', url: '/healthz', needs: undefined },
  ]);
  app.post('/api/secret', async () => 'secret');
  expect(routes).toThrow('POST /api/secret does not say what its caller must be allowed to do');
});
