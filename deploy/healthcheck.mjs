// The health check of the image: whether the process of this container is alive. Exits with 0 or 1.
import { readFileSync } from 'node:fs';

const { HOST, PORT, METRICS_PORT, SANDBOX_HOST, SANDBOX_PORT } = process.env;
const PROBES = {
  api: { host: HOST, port: PORT || 3000, path: '/healthz' },
  worker: { host: HOST, port: METRICS_PORT || 9464, path: '/healthz' },
  sandbox: { host: SANDBOX_HOST, port: SANDBOX_PORT || 4010, path: '/control/health' },
};
const WITHIN_MS = 2_000;

const name = process.argv[2] ?? nameOfFirstProcess();
const { host, port, path } = PROBES[name] ?? {};
if (path === undefined) end(`There is no process "${name}": ${Object.keys(PROBES).join(', ')}.`);
const url = `http://${reachable(host)}:${port}${path}`;
const answer = await fetch(url, { signal: AbortSignal.timeout(WITHIN_MS) }).catch((error) => error);
if (!answer.ok) end(`${url}: ${answer.status ?? answer.cause?.code ?? answer.message}`);

/** Of `node apps/worker/dist/main.js`: worker. */
function nameOfFirstProcess() {
  return /(\w+)\/dist\/main\.js/.exec(readFileSync('/proc/1/cmdline', 'utf8'))?.[1];
}

/** A server on all interfaces is also reachable on loopback. */
function reachable(host) {
  if (!host || host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function end(why) {
  console.error(why);
  process.exit(1);
}
