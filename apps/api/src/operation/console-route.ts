import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import helmet from '@fastify/helmet';
import serveStatic from '@fastify/static';
import { consolePages } from '../http/console-pages.ts';
import type { Api } from '../parts.ts';

const NOT_BUILT = `<!doctype html><html lang="en"><title>Handover</title>
<h1>The console is not built</h1>
<p>Run <code>npm run build</code> in the folder of Handover, and start the API again. The API itself works: see <a href="docs">/docs</a>.</p>
`;

/** Nothing from elsewhere; scripts only from files of the console, styles also with the nonce of the page. */
const POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
};

/** The folder of the built console; it may be empty. */
export function consoleFolder(): string {
  return resolve(import.meta.dirname, '../../../console/dist/site');
}

/** Serves the console's page and files without authentication: they contain no data. */
export async function addConsole(app: Api, folder: string): Promise<void> {
  const page = join(folder, 'index.html');
  const isBuilt = existsSync(page);
  const html = isBuilt ? readFileSync(page, 'utf8') : NOT_BUILT;
  await app.register(helmet, {
    contentSecurityPolicy: POLICY,
    enableCSPNonces: true,
    strictTransportSecurity: false,
  });
  for (const url of consolePages)
    app.get(url, { schema: { hide: true } }, async ({ publicPath }, reply) => {
      reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8');
      // All links of the page are relative to the base; the components may style with the nonce.
      return reply.send(
        html
          .replace('<base href="/"', `<base href="${publicPath}/"`)
          .replace('</head>', `<meta property="csp-nonce" nonce="${reply.cspNonce.style}"></head>`),
      );
    });
  if (!isBuilt) return;
  await app.register(serveStatic, {
    root: folder,
    serve: false,
    // The build wrote each file compressed beside itself.
    preCompressed: true,
    // The name of a file changes with its content.
    maxAge: '365d',
    immutable: true,
  });
  app.get<{ Params: { file: string } }>('/assets/:file', { schema: { hide: true } }, (request, reply) =>
    reply.sendFile(`assets/${request.params.file}`),
  );
  app.get('/icon.svg', { schema: { hide: true } }, (_request, reply) =>
    reply.sendFile('icon.svg', { maxAge: '1d' }),
  );
}
