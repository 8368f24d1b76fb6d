import { existsSync } from 'node:fs';
import http from 'node:http';

const PULL_WITHIN_MS = 120_000;

/**
 * Runs `start`, which starts a container of the image, where an engine answers that can map ports and has the image
 * or can pull it. Gives what `start` gives, or undefined.
 * @param skipped collects the reasons for failures
 */
export async function inContainer<T>(
  image: string,
  skipped: string[],
  start: () => Promise<T>,
): Promise<T | undefined> {
  const engine = findEngine();
  const lack = engine ? await whatItLacks(engine, image) : 'no container engine is running';
  if (!engine || lack) {
    skipped.push(lack ?? '');
    return undefined;
  }
  process.env.DOCKER_HOST ??= engine;
  // The reaper needs another image, which an offline machine lacks; we stop the container ourselves.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  try {
    return await start();
  } catch (error) {
    skipped.push(`the container engine answers, but ${image} did not start: ${String(error)}`);
    return undefined;
  }
}

function findEngine(): string | undefined {
  const { DOCKER_HOST, HOME, XDG_RUNTIME_DIR } = process.env;
  const sockets = [
    '/var/run/docker.sock',
    `${HOME}/.docker/run/docker.sock`,
    `${XDG_RUNTIME_DIR}/docker.sock`,
  ];
  const socket = sockets.find((path) => existsSync(path));
  return DOCKER_HOST ?? (socket && `unix://${socket}`);
}

async function whatItLacks(engine: string, image: string): Promise<string | undefined> {
  try {
    if ((await ask(engine, 'GET', '/_ping')).status !== 200) return 'no container engine answers';
    const networks: unknown = JSON.parse((await ask(engine, 'GET', '/networks')).body);
    const isBridge = (network: { Driver?: string }) => network.Driver === 'bridge';
    if (!Array.isArray(networks) || !networks.some(isBridge)) return 'the container engine cannot map ports';
    if ((await ask(engine, 'GET', `/images/${image}/json`)).status === 200) return undefined;
    const [name, tag] = image.split(':');
    console.log(`Pulling ${image} …`);
    const pull = await ask(engine, 'POST', `/images/create?fromImage=${name}&tag=${tag}`, PULL_WITHIN_MS);
    // The engine answers 200 before it pulls; an error is in the stream.
    const pulled = pull.status === 200 && !pull.body.includes('"error"');
    return pulled ? undefined : `the container engine has no ${image} and cannot pull it`;
  } catch (error) {
    return `no container engine answers at ${engine} (${(error as Error).message})`;
  }
}

function ask(
  engine: string,
  method: string,
  path: string,
  withinMs = 5_000,
): Promise<{ status: number; body: string }> {
  const { protocol, hostname, port, pathname } = new URL(engine);
  const at = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port };
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(withinMs);
    const request = http.request({ ...at, method, path, signal }, async (response) => {
      try {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, body });
      } catch (error) {
        reject(error);
      }
    });
    request.once('error', reject).end();
  });
}
