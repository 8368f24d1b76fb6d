import { isIP } from 'node:net';
import { z } from 'zod';

/** The types of variables: each parses the text of a variable, with a message for invalid values. */
export const text = z.string().trim().min(1);
export const whole = (min: number, max: number) =>
  z
    .string()
    .trim()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`);
export const milliseconds = (min: number) => whole(min, 366 * 24 * 3_600_000);
export const port = whole(0, 65_535);
export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');
export const url = (...protocols: string[]) =>
  text.refine(
    (value) => {
      try {
        return protocols.includes(new URL(value).protocol);
      } catch {
        return false;
      }
    },
    `must be a URL with ${protocols.join(' or ')}`,
  );

/**
 * A base URL to which paths are appended. No user or password, which would replace the token of requests; no query or fragment,
 * which would swallow the path.
 */
export const endpoint = url('http:', 'https:')
  .refine(
    (value) => !URL.canParse(value) || `${new URL(value).username}${new URL(value).password}` === '',
    'must not contain a user or password',
  )
  .refine((value) => !/[?#]/.test(value), 'must not contain a query or a fragment')
  .transform((value) => value.replace(/\/+$/, ''));

/** Words separated by commas, each one of these; `instead`: a word that stands alone. */
export const listOf = <W extends string>(allowed: readonly W[], instead: string) =>
  text.transform((value, context): W[] | typeof instead => {
    if (value === instead) return instead;
    const list = value.split(',').map((word) => word.trim());
    for (const word of list)
      if (!(allowed as readonly string[]).includes(word))
        context.addIssue({
          code: 'custom',
          message: `"${word}" is none of ${allowed.join(', ')} (or ${instead} alone)`,
        });
    return list as W[];
  });

/** Ids separated by commas. */
export const ids = text.transform((value) =>
  value
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== ''),
);

/** `name=value`, or `name` alone. */
export const attribute = text.transform((value, context) => {
  const at = value.indexOf('=');
  const name = (at === -1 ? value : value.slice(0, at)).trim();
  if (name === '') context.addIssue({ code: 'custom', message: 'must be name=value or name' });
  return at === -1 ? { name } : { name, value: value.slice(at + 1).trim() };
});

export const nodes = text.transform((value, context) =>
  value.split(',').map((node) => {
    const match = /^\s*(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})\s*$/.exec(node);
    if (match === null) context.addIssue({ code: 'custom', message: `"${node}" is not host:port` });
    return { host: match?.[1] ?? match?.[2] ?? '', port: Number(match?.[3] ?? 0) };
  }),
);

export const networks = text.transform((value, context) =>
  value.split(',').map((entry) => {
    const network = entry.trim();
    const [address = '', bits, ...rest] = network.split('/');
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
    if (
      rest.length > 0 ||
      most < 0 ||
      (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))
    )
      context.addIssue({ code: 'custom', message: `"${network}" is neither an address nor address/bits` });
    return network;
  }),
);

/** `key=URL` separated by commas; which URLs may be called is checked where the other variables are known. */
export const receivers = text.transform((value, context) => {
  const list = value.split(',').map((entry) => {
    const at = entry.indexOf('=');
    return { key: entry.slice(0, Math.max(at, 0)).trim(), url: entry.slice(at + 1).trim() };
  });
  if (list.some(({ key, url }) => key === '' || url === ''))
    context.addIssue({
      code: 'custom',
      message: 'must be key=URL,key=URL with names of API keys (a comma in a URL is written %2C)',
    });
  const names = list.map(({ key }) => key);
  if (new Set(names).size !== names.length)
    context.addIssue({ code: 'custom', message: 'names a key twice' });
  return list;
});

export const secrets = text.transform((value, context) => {
  const list = value.split(',').map((secret) => secret.trim());
  checkSecrets(list, context);
  return list;
});

/** The same, of which one that begins with a name and `=` belongs to what has this name: `name=whsec_…`. */
export const ownedSecrets = text.transform((value, context) => {
  const list = value.split(',').map((entry) => {
    const [, of, secret] = /^\s*([\w.-]{1,64})=(whsec_.*)$/.exec(entry) ?? [];
    return { of, secret: (secret ?? entry).trim() };
  });
  checkSecrets(
    list.map(({ secret }) => secret),
    context,
  );
  return list;
});

function checkSecrets(list: string[], context: z.core.$RefinementCtx): void {
  if (list.some((secret) => secret.length < 16 || /\s/.test(secret)))
    context.addIssue({
      code: 'custom',
      message: 'must be one or more secrets of at least 16 characters, separated by commas',
    });
  for (const secret of list.filter((one) => one.startsWith('whsec_')))
    if (!isBase64(secret.slice('whsec_'.length)))
      context.addIssue({
        code: 'custom',
        message: 'contains a secret that starts with whsec_ but is not base64',
      });
}

function isBase64(value: string): boolean {
  return value !== '' && Buffer.from(value, 'base64').toString('base64') === value;
}
