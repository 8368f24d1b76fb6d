import { createHandover, type Handover } from '@handover/client';
import { UsageError } from '../command.ts';

const USUAL_URL = 'http://127.0.0.1:3000';

export type Api = {
  client: Handover;
  url: string;
  /** What is shown to people as its address: without a password. */
  shownUrl: string;
  headers: Record<string, string>;
};

/** The API that the environment names, with its key, or else its login. */
export function openApi(env: Record<string, string | undefined>): Api {
  const url = (env.HANDOVER_URL || USUAL_URL).replace(/\/+$/, '');
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol))
    throw new UsageError(`HANDOVER_URL must be the URL of the API, such as ${USUAL_URL}`);
  if (parsed.username !== '' || parsed.password !== '')
    throw new UsageError(
      'HANDOVER_URL must not contain a user and password: set HANDOVER_API_KEY, or ADMIN_USER and ADMIN_PASSWORD',
    );
  const headers = authorization(env);
  return {
    client: createHandover({ url, headers: () => headers, retry: { tries: 3 } }),
    url,
    shownUrl: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`,
    headers,
  };
}

function authorization({
  HANDOVER_API_KEY: key,
  ADMIN_USER: user,
  ADMIN_PASSWORD: password,
}: Record<string, string | undefined>): Record<string, string> {
  // What a header cannot carry would be shown in the error of it.
  if (key && !/^[\x20-\x7e]+$/.test(key))
    throw new UsageError('HANDOVER_API_KEY has characters that no key can have, such as a line break');
  if (key) return { authorization: `Bearer ${key}` };
  if (!user || !password) return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
