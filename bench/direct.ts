import type { Pool } from 'undici';

export type Transfer = { callId: string; transferType: string; target: { type: string; id: string } };

/** Posts JSON and returns the JSON of the answer; throws on an unexpected status. */
export async function post(
  pool: Pool,
  path: string,
  body: object,
  accepted: number,
  more: Record<string, string> = {},
): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...more };
  const answer = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(body) });
  const text = await answer.body.text();
  if (answer.statusCode !== accepted) throw new Error(`${path} answered ${answer.statusCode}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

export async function fetchToken(genesys: Pool): Promise<string> {
  const body = { grant_type: 'client_credentials', client_id: 'bench', client_secret: 'bench' };
  const answer = await post(genesys, '/api/v2/oauth/token', body, 200);
  return (answer as { access_token: string }).access_token;
}

/** Only a reading of the call and its transfer. */
export async function transferDirectly(genesys: Pool, token: string, transfer: Transfer): Promise<void> {
  const path = `/api/v2/voice/calls/${transfer.callId}`;
  const headers = { authorization: `Bearer ${token}` };
  const call = await genesys.request({ method: 'GET', path, headers });
  const { etag } = (await call.body.json()) as { etag: string };
  const { transferType, target } = transfer;
  await post(genesys, `${path}/transfer`, { transferType, target }, 200, { ...headers, 'if-match': etag });
}
