import { onTestFinished } from 'vitest';
import { createSandbox, type Sandbox, type SandboxOptions } from '../src/index.ts';

export type Reply = { status: number; headers: Headers; body: Record<string, unknown> };

/** A sandbox that listens until the test ends, with a client that has a token. */
export async function startSandbox(
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; client: Client }> {
  const sandbox = createSandbox(options);
  const url = await sandbox.listen();
  onTestFinished(() => sandbox.close());
  const client = new Client(url);
  await client.login();
  sandbox.requests.clear();
  return { sandbox, client };
}

/** A simple client of the voice API and the control API. */
export class Client {
  readonly url: string;
  token = 'none';

  constructor(url: string) {
    this.url = url;
  }

  async login(): Promise<void> {
    const reply = await this.askForToken();
    this.token = String(reply.body.access_token);
  }

  askForToken(change: Record<string, unknown> = {}): Promise<Reply> {
    const body = {
      grant_type: 'client_credentials',
      client_id: 'handover',
      client_secret: 'secret',
      ...change,
    };
    return this.send('POST', '/api/v2/oauth/token', body);
  }

  async get(path: string): Promise<Reply> {
    return this.send('GET', path);
  }

  readCall(id: string): Promise<Reply> {
    return this.get(`/api/v2/voice/calls/${encodeURIComponent(id)}`);
  }

  /** Transfers with this ETag (undefined = no `If-Match`), by default blind to `queue-1`. */
  transfer(id: string, etag: string | undefined, body: unknown = blindTo('queue-1')): Promise<Reply> {
    const headers = etag === undefined ? {} : { 'if-match': etag };
    return this.send('POST', `/api/v2/voice/calls/${encodeURIComponent(id)}/transfer`, body, headers);
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const response = await this.fetch(method, path, body, headers);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
  }

  fetch(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }
}

/** The body of a blind transfer to a queue. */
export function blindTo(queueId: string) {
  return { transferType: 'blind', target: { id: queueId, type: 'queue' } };
}
