import { Buffer } from 'node:buffer';
import { onTestFinished } from 'vitest';
import { createSandbox, type Sandbox, type SandboxOptions } from '../src/index.ts';
import type { ConversationFields } from '../src/platform/schemas.ts';
import { Client, type Reply } from './start.ts';

export const AGENT = 'agent-a';
export const OTHER = 'agent-b';
export const QUEUE = 'queue-2';
export const LEG = 'leg-a';

/** What `recentTransfers` and `participants` hold, as far as tests look at it. */
export type Shown = {
  participants: Record<string, unknown>[];
  recentTransfers: Record<string, unknown>[];
};

/** A sandbox with two agents and a queue in its second world, and a client of the Platform API that holds a token. */
export async function startPlatform(
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; client: PlatformClient }> {
  const sandbox = createSandbox(options);
  const url = await sandbox.listen();
  onTestFinished(() => sandbox.close());
  const { directory } = sandbox.platform;
  directory.users.put(AGENT, { name: 'Agent A' });
  directory.users.put(OTHER, { name: 'Agent B' });
  directory.queues.put(QUEUE, { name: 'Queue 2' });
  sandbox.platform.changeSettings({
    command: { afterMs: 0, connectMs: 0, ringMs: 0, legEnds: ENDS_AT_ONCE },
  });
  const client = new PlatformClient(url);
  await client.logIn();
  sandbox.requests.clear();
  return { sandbox, client };
}

const ENDS_AT_ONCE = [{ afterMs: 0, state: 'terminated', disconnectType: 'transfer' }];

/** A call of agent A. */
export function talking(change: Record<string, unknown> = {}): ConversationFields {
  return { participants: [{ id: LEG, purpose: 'agent', user: { id: AGENT }, ...change }] };
}

/** A plain client of the Platform API. */
export class PlatformClient extends Client {
  async logIn(id = 'handover', secret = 'secret'): Promise<void> {
    const { body } = await this.askForPlatformToken(id, secret);
    this.token = String(body.access_token);
  }

  askForPlatformToken(id: string, secret: string, form = 'grant_type=client_credentials'): Promise<Reply> {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
    return this.send('POST', '/oauth/token', form, headers);
  }

  readConversation(id: string): Promise<Reply & { body: Shown }> {
    return this.get(`/api/v2/conversations/calls/${id}`) as Promise<Reply & { body: Shown }>;
  }

  /** `replace/queue`, `replace/agent`, `replace/contact/external` or `transfer` of agent A's leg, unless another is named. */
  replace(id: string, how: string, body: unknown, leg = LEG): Promise<Reply> {
    return this.send('POST', `/api/v2/conversations/${id}/participants/${leg}/${how}`, body);
  }

  toQueue(id: string, change: Record<string, unknown> = {}, leg = LEG): Promise<Reply> {
    return this.replace(id, 'replace/queue', { queueId: QUEUE, ...change }, leg);
  }

  toUser(id: string, change: Record<string, unknown> = {}): Promise<Reply> {
    return this.replace(id, 'replace/agent', { userId: OTHER, ...change });
  }
}
