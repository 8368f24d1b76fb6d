import http from 'node:http';
import https from 'node:https';
import { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { createConnections } from './connects.ts';

/** An answer of ours is a few hundred bytes. */
export const LARGEST_BODY = 1024 * 1024;

/** Headers that every answer keeps. Only those that are read are kept: axios copies and normalises each one several times. */
const HEADERS = ['content-encoding', 'content-type', 'date', 'retry-after'];

/** Added here, since axios merges and normalises each header that it is given, which is most of what it costs. */
const SAME_FOR_ALL = ['accept', 'application/json', 'accept-encoding', 'identity', 'user-agent', 'handover'];

/** Why there is no answer; carries nothing of the request. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
  /** `late`, `stopped`, or the code of Node's error. */
  readonly code: string;
  /** `false` only where no byte of the request can have left. */
  readonly sent: boolean;
  /** The connection broke by itself, before any byte of an answer came. */
  readonly broken: boolean;

  constructor(code: string, what: { sent: boolean; broken?: boolean }) {
    super(code);
    this.code = code;
    this.sent = what.sent;
    this.broken = what.broken ?? false;
  }
}

export type Limits = { signal: AbortSignal; timeoutMs: number };

/**
 * The adapter of axios: node:http over keep-alive connections, without redirects and proxies. `keep`: names of further
 * response headers that an answer keeps, in lower case.
 */
export function createTransport(keep: readonly string[] = []) {
  const kept = [...HEADERS, ...keep];
  const connections = createConnections();
  const underWay = new Set<() => void>();

  /**
   * One request, from start to last byte within `timeoutMs`. Gives any answer with a status, its headers as lists, and its
   * body as it came, or `undefined` where that was cut or is larger than 1 MiB. 1xx are skipped. Throws `NoAnswer`.
   */
  function exchange(
    config: InternalAxiosRequestConfig,
    { signal, timeoutMs }: Limits,
  ): Promise<AxiosResponse<Buffer | undefined>> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) throw new NoAnswer('stopped', { sent: false });
      const request = open(config);
      let answer: http.IncomingMessage | undefined;
      let readBefore = 0;

      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        underWay.delete(stop);
      };
      const answered = (data: Buffer | undefined) => {
        done();
        const { statusCode = 0, headersDistinct } = answer as http.IncomingMessage;
        resolve({
          status: statusCode,
          statusText: '',
          headers: pick(headersDistinct, kept),
          data,
          config,
          request,
        });
      };
      const giveUp = (code: string) => {
        done();
        reject(new NoAnswer(code, { sent: connections.stood(request.socket) }));
        request.destroy();
      };
      const fail = (error: NodeJS.ErrnoException) => {
        // A body that was cut or is too long still had a status line, and the status is what counts.
        if (answer !== undefined) return answered(undefined);
        done();
        const sent = connections.stood(request.socket);
        const broken = sent && request.socket?.bytesRead === readBefore;
        reject(new NoAnswer(error.code ?? error.name, { sent, broken }));
      };
      const stop = () => giveUp('stopped');
      const timer = setTimeout(() => giveUp('late'), timeoutMs);
      signal.addEventListener('abort', stop, { once: true });
      underWay.add(stop);

      request.once('socket', ({ bytesRead }) => {
        readBefore = bytesRead;
      });
      request.on('error', fail);
      request.once('response', (response) => {
        answer = response;
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('error', fail);
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > LARGEST_BODY) request.destroy(new Error('larger than any answer'));
        });
        response.once('end', () => answered(Buffer.concat(chunks)));
      });
      request.end(config.data);
    });
  }

  function open({ url = '', method = 'get', headers, data }: InternalAxiosRequestConfig): http.ClientRequest {
    try {
      const target = new URL(url);
      const options = {
        agent: connections.agentFor(target.protocol),
        method: method.toUpperCase(),
        headers: linesOf(target, method, headers, data),
      };
      return target.protocol === 'https:' ? https.request(target, options) : http.request(target, options);
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException;
      throw new NoAnswer(code ?? name, { sent: false });
    }
  }

  return {
    exchange,
    /** Ends what is under way. */
    close: () => {
      for (const stop of [...underWay]) stop();
      connections.close();
    },
  };
}

/** All header lines of a request, as Node sends them without looking at each again; it adds `Connection` by itself. */
function linesOf(target: URL, method: string, headers: AxiosHeaders, data: string | undefined): string[] {
  const lines = ['host', target.host, ...SAME_FOR_ALL];
  for (const name of Object.keys(headers)) {
    // Axios gives a POST without a body the type of a form.
    if (data === undefined && name.toLowerCase() === 'content-type') continue;
    lines.push(name, headers[name] as string);
  }
  // RFC 9110, 8.6: a method that usually has a body says that there is none.
  if (data !== undefined || method === 'post' || method === 'put')
    lines.push('content-length', String(data === undefined ? 0 : Buffer.byteLength(data)));
  return lines;
}

function pick(headers: NodeJS.Dict<string[]>, names: readonly string[]): AxiosHeaders {
  const picked = new AxiosHeaders();
  for (const name of names) {
    const lines = headers[name];
    if (lines !== undefined) picked[name] = lines;
  }
  return picked;
}
