import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export const CALLBACK_SECRET = `whsec_${Buffer.from('the secret of callbacks in tests').toString('base64')}`;

type Message = { type: string; timestamp: string; data: { transfer: Record<string, unknown> } };
export type Received = {
  id: string;
  at: number;
  headers: IncomingMessage['headers'];
  body: Message;
  text: string;
};

/** What a receiver does with a message: answers with a status and headers, or never answers. */
export type Behaviour = (
  received: Received,
) => { status: number; headers?: Record<string, string> } | 'hang' | 'reset';

export type TestReceiver = Awaited<ReturnType<typeof startReceiver>>;

/** An upstream's receiver on 127.0.0.1, which verifies signatures with the official library. Accepts with 204 at first. */
export async function startReceiver(secret = CALLBACK_SECRET) {
  const webhook = new Webhook(secret);
  const tried: Received[] = [];
  const accepted: Received[] = [];
  const forged: string[] = [];
  let behave: Behaviour = () => ({ status: 204 });
  let atOnce = 0;
  let most = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    atOnce += 1;
    most = Math.max(most, atOnce);
    response.once('close', () => {
      atOnce -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { headers } = request;
    const id = String(headers['webhook-id']);
    try {
      webhook.verify(text, headers as Record<string, string>);
    } catch {
      forged.push(id);
    }
    const received = { id, at: Date.now(), headers, body: JSON.parse(text) as Message, text };
    tried.push(received);
    const what = behave(received);
    if (what === 'hang') return;
    if (what === 'reset') {
      request.socket.destroy();
      return;
    }
    if (what.status >= 200 && what.status < 300) accepted.push(received);
    response.writeHead(what.status, what.headers).end();
  }

  const server = http.createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/callbacks`,
    /** Every message, and those that were accepted. */
    tried,
    accepted,
    /** The ids of messages whose signature is wrong. */
    forged,
    mostAtOnce: () => most,
    behave(next: Behaviour): void {
      behave = next;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
