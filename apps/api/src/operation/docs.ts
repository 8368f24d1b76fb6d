import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { type Config, version } from '@handover/core/config';
import type { FastifyRequest } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SESSION_COOKIE } from '../http/session-cookie.ts';
import type { Api } from '../parts.ts';
import { oneOfEach } from './components.ts';
import { withExamples } from './examples.ts';

type Dialect = Config['genesys']['dialect'];

const DESCRIPTION = `Moves live calls in Genesys Cloud at most once, within the platform’s rate limit, and reports the true outcome.

Errors are problem details (RFC 9457) with a stable \`code\`; \`GET /problems\` lists them all. The upstream asserts the \`userId\` of a transfer.`;

const TAGS = [
  { name: 'Transfers', description: 'Submit, watch and cancel.' },
  { name: 'Operators', description: 'Queues and the audit.' },
  { name: 'Access', description: 'Who is calling; sessions of browsers.' },
  { name: 'Dead letters', description: 'Transfers and bills that need an operator.' },
  { name: 'Simulator', description: 'Training runs against the sandbox.' },
  { name: 'Billing', description: 'Events, billing records and discrepancies.' },
  { name: 'Reports', description: 'Outcomes and billing totals.' },
  { name: 'Operation', description: 'Probes, metrics, problems.' },
];

/** Documents all routes that are added later, in OpenAPI 3.1. */
export function addOpenApi(app: Api): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Handover', version, description: DESCRIPTION },
      tags: TAGS,
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'One of the keys of API_KEYS.' },
          webhook: { type: 'http', scheme: 'bearer', description: 'One of the secrets of WEBHOOK_SECRET.' },
          operator: { type: 'http', scheme: 'basic', description: 'ADMIN_USER and ADMIN_PASSWORD.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: SESSION_COOKIE,
            description: 'Begun by POST /api/session; changes also need the header X-CSRF-Token.',
          },
        },
      },
    },
    transform: (route) => jsonSchemaTransform({ ...route, schema: { security: [], ...route.schema } }),
    transformObject: (document) => oneOfEach(jsonSchemaTransformObject(document)),
  });
}

/** The document of this API, which its clients reach at `url`; '' = the root of whatever serves it. */
export function documentOf(app: Api, dialect: Dialect, url: string) {
  const servers = [{ url: url || '/' }];
  return { ...withExamples(app.swagger(), dialect), servers };
}

/** Serves the document at `/openapi.json` and Swagger UI at `/docs`, without loading anything from other origins. */
export function addDocs(app: Api, config: Pick<Config, 'publicUrl' | 'genesys'>): void {
  const document = ({ publicPath }: FastifyRequest) =>
    documentOf(app, config.genesys.dialect, config.publicUrl ?? publicPath);
  // Swagger UI registers routes of its own.
  app.addHook('onRoute', (route) => {
    route.config ??= {};
    route.config.needs ??= 'observe';
  });
  const schema = { hide: true, querystring: z.strictObject({}) };
  app.get('/openapi.json', { schema }, async (request) => document(request));
  app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { validatorUrl: null, deepLinking: true },
    transformSpecification: (_document, request) => document(request),
  });
}
