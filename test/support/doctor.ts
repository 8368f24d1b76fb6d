import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '../..');

export type Shown = { id: string; status: string; what: string; detail: string; fix?: string };
export type Told = {
  code: number;
  text: string;
  /** Of `--json`. */
  ok: boolean;
  checks: Shown[];
  /** The host names that were looked up, each once. */
  names: string[];
};

/** Runs the built `handover doctor` with exactly this environment, and every host name but localhost being this machine. */
export async function runDoctor(env: Record<string, string>, args: string[] = ['--json']): Promise<Told> {
  const dir = mkdtempSync(join(tmpdir(), 'handover-doctor-'));
  const lookedUp = join(dir, 'names');
  writeFileSync(lookedUp, '');
  const names = pathToFileURL(`${import.meta.dirname}/names.mjs`).href;
  const options = [env.NODE_OPTIONS, `--import ${names}`].filter(Boolean).join(' ');
  const bin = join(root, 'packages/cli/bin/handover.mjs');
  const { code, text } = await new Promise<{ code: number; text: string }>((done) => {
    execFile(
      process.execPath,
      [bin, 'doctor', ...args],
      { cwd: root, env: { PATH: process.env.PATH, ...env, NODE_OPTIONS: options, LOOKED_UP: lookedUp } },
      (error, stdout, stderr) => done({ code: Number(error?.code ?? 0), text: `${stdout}${stderr}` }),
    );
  });
  const found = [...new Set(readFileSync(lookedUp, 'utf8').split('\n').filter(Boolean))];
  rmSync(dir, { recursive: true });
  const parsed =
    args.includes('--json') && text.startsWith('{') ? JSON.parse(text) : { ok: false, checks: [] };
  return { code, text, names: found, ...parsed };
}

/** A server whom no secret concerns: it counts connections, and keeps what is sent to it. */
export async function startStranger() {
  let heard = '';
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard += data.toString('latin1');
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  });
  return { ...(await listening(server)), connections: () => connections, heard: () => heard };
}

/** Forwards to this URL without the token, as some proxies do. */
export function startStrippingProxy(target: string) {
  return startServer((request, response) => {
    const { authorization, ...headers } = request.headers;
    const passes = authorization?.startsWith('Bearer') === true ? {} : { authorization };
    const forwarded = http.request(
      `${target}${request.url}`,
      { method: request.method ?? 'GET', headers: { ...headers, ...(passes.authorization && passes) } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(forwarded);
  });
}

/** Any HTTP server on a free port. */
export async function startServer(listener: http.RequestListener) {
  return listening(http.createServer(listener));
}

async function listening(server: net.Server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      if (server instanceof http.Server) server.closeAllConnections();
    },
  };
}
