import http from 'node:http';
import https from 'node:https';
import { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { createConnections, type Lookups } from './connects.ts';

/** Expected answers have a few hundred bytes. */
export const LARGEST_BODY = 1024 * 1024;

/** Headers kept of every answer; only those in use, since axios copies and normalises each several times. */
const HEADERS = ['content-encoding', 'content-type', 'date', 'retry-after'];

/** Added here and not through axios, whose merging and normalising of headers is most of its cost. */
const SAME_FOR_ALL = ['accept', 'application/json', 'accept-encoding', 'identity', 'user-agent', 'handover'];

/** Why there is no answer; contains nothing of the request. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
  /** `late`, `stopped`, or the code of Node's error. */
  readonly code: string;
  /** `false` only if no byte of the request can have been sent. */
  readonly sent: boolean;
  /** The connection broke, not by us, before any byte of an answer arrived. */
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
 * An axios adapter: node:http over keep-alive connections, without redirects or proxies. `keep`: further response headers to
 * keep, in lower case. `lookups`: see `createConnections`.
 */
export function createTransport(keep: readonly string[] = [], lookups?: Lookups) {
  const kept = [...HEADERS, ...keep];
  const connections = createConnections(lookups);
  const underWay = new Set<() => void>();

  /**
   * One request; `timeoutMs` covers start to last byte. Returns any final answer with a status, headers as lists, and the raw
   * body, or `undefined` if truncated or larger than 1 MiB. Throws `NoAnswer`.
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
        // Even if the body is truncated or too large, the status is known and counts.
        if (answer !== undefined) return answered(undefined);
        done();
        const sent = connections.stood(request.socket);
        const broken = sent && request.socket?.bytesRead === readBefore;
        reject(new NoAnswer(error.code ?? error.name, { sent, broken }));
      };
      const stop = () => giveUp('stopped');
      // An answer that came while this process was stalled counts: the socket is read before the check.
      const timer = setTimeout(() => setImmediate(() => underWay.has(stop) && giveUp('late')), timeoutMs);
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
    /** Aborts requests in progress. */
    close: () => {
      for (const stop of [...underWay]) stop();
      connections.close();
    },
  };
}

/** All header lines of a request, as a list, which Node sends unprocessed; it adds `Connection`. */
function linesOf(target: URL, method: string, headers: AxiosHeaders, data: string | undefined): string[] {
  const lines = ['host', target.host, ...SAME_FOR_ALL];
  for (const name of Object.keys(headers)) {
    // Axios adds a form content type to a POST without a body.
    if (data === undefined && name.toLowerCase() === 'content-type') continue;
    lines.push(name, headers[name] as string);
  }
  // RFC 9110, 8.6: methods that usually have a body send Content-Length: 0.
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
