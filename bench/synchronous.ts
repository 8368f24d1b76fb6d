import axios from 'axios';
import fastify from 'fastify';

/** What is often written first: a service that moves a call while the caller waits, by five requests in turn. */
const baseURL = process.env.GENESYS_BASE_URL ?? '';
const app = fastify();
app.get('/readyz', async () => 'ready');
app.post('/transfers', async (request) => {
  const { callId, userId, transferType, target } = request.body as {
    callId: string;
    userId: string;
    transferType: string;
    target: { type: string; id: string };
  };
  const grant = { grant_type: 'client_credentials', client_id: 'bench', client_secret: 'bench' };
  const token = await axios.post(`${baseURL}/api/v2/oauth/token`, grant);
  const genesys = axios.create({
    baseURL,
    headers: { authorization: `Bearer ${token.data.access_token}` },
  });
  await genesys.get(`/api/v2/users/${userId}`);
  const call = await genesys.get(`/api/v2/voice/calls/${callId}`);
  await genesys.get(`/api/v2/queue/queues/${target.id}`);
  const body = { transferType, target };
  const headers = { 'if-match': call.data.etag };
  await genesys.post(`/api/v2/voice/calls/${callId}/transfer`, body, { headers });
  return { status: 'transferred' };
});

process.once('SIGTERM', () => app.close());
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
