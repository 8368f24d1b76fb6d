import type { OAuthClient, TokenRequest } from '../http/token.ts';

/** OAuth client credentials as RFC 6749, 4.4 has them, at the login host: scopes do not apply to such a client. Pure. */
export function tokenRequest({ id, secret, baseUrl, loginUrl = baseUrl }: OAuthClient): TokenRequest {
  return {
    url: `${loginUrl}/oauth/token`,
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  };
}
