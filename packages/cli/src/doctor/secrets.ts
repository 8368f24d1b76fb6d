import { fields } from '@handover/core/config';

/** Shorter ones occur in ordinary text; the schema admits none. */
const SHORTEST = 4;

/** Gives a function that takes every secret of an environment out of a text, should one have got into it. */
export function hideSecrets(env: Record<string, string | undefined>): (text: string) => string {
  const secrets = Object.entries(fields)
    .filter(([, field]) => 'secret' in field)
    .flatMap(([name]) => secretsIn(env[name]?.trim() ?? ''))
    .filter((secret) => secret.length >= SHORTEST)
    .sort((one, other) => other.length - one.length);
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
}

/** The secrets in a value: of a URL its password and query, of a list every part of it. */
function secretsIn(value: string): string[] {
  if (URL.canParse(value) && /^\w+:\/\//.test(value)) {
    const { password, searchParams } = new URL(value);
    return [password, safelyDecoded(password), ...searchParams.values()];
  }
  return [value, ...value.split(',').map((part) => part.slice(part.indexOf('=') + 1).trim())];
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
