import { Agent } from 'node:http';
import axios from 'axios';
import { startPlainWorker } from './plain-worker.ts';

type Transfer = {
  callId: string;
  userId: string;
  transferType: string;
  target: { type: string; id: string };
};

const baseURL = process.env.GENESYS_BASE_URL ?? '';
const genesys = axios.create({ baseURL, timeout: 10_000, httpAgent: new Agent({ keepAlive: true }) });
let token: Promise<string> | undefined;

/**
 * The usual alternative to Handover: a BullMQ worker and default axios, on keep-alive connections, with
 * the tutorial's five sequential requests: agent, call, queue, the call again for its ETag, transfer. The token is
 * fetched once. No other cache, no rate limit, record, log or proof.
 */
startPlainWorker<Transfer>(async ({ callId, userId, transferType, target }) => {
  token ??= fetchToken();
  const authorization = `Bearer ${await token}`;
  const headers = { authorization };
  const callPath = `/api/v2/voice/calls/${callId}`;

  const { data: user } = await genesys.get(`/api/v2/users/${userId}`, { headers });
  if (!user.roles.some((role: { id: string }) => role.id === 'call:transfer:execute'))
    throw new Error(`${userId} may not transfer calls`);
  const { data: call } = await genesys.get(callPath, { headers });
  if (call.state !== 'connected' || call.privacy) throw new Error(`${callId} cannot be transferred`);
  const { data: queue } = await genesys.get(`/api/v2/queue/queues/${target.id}`, { headers });
  if (queue.state !== 'open') throw new Error(`${target.id} takes no calls`);
  const { data: fresh } = await genesys.get(callPath, { headers });
  const effect = { transferType, target };
  await genesys.post(`${callPath}/transfer`, effect, { headers: { authorization, 'if-match': fresh.etag } });
});

async function fetchToken(): Promise<string> {
  const grant = { grant_type: 'client_credentials', client_id: 'bench', client_secret: 'bench' };
  const { data } = await genesys.post('/api/v2/oauth/token', grant);
  return data.access_token;
}
