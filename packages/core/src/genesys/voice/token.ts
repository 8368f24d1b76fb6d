import type { OAuthClient, TokenRequest } from '../http/token.ts';

const SCOPE = 'voice:call:transfer voice:call:read queue:queue:read integration:webhook:create user:read';

/** The voice API expects the client's id and secret as JSON (docs/voice-api.md). Pure. */
export function tokenRequest({ id, secret, baseUrl, loginUrl = baseUrl }: OAuthClient): TokenRequest {
  return {
    url: `${loginUrl}/api/v2/oauth/token`,
    body: { grant_type: 'client_credentials', client_id: id, client_secret: secret, scope: SCOPE },
  };
}
