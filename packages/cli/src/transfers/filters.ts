import type { Options, Values } from '../asking/options.ts';

/** Which transfers. */
export const FILTERS = {
  status: { type: 'string' },
  reason: { type: 'string' },
  target: { type: 'string' },
  agent: { type: 'string' },
  key: { type: 'string' },
  call: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
} as const satisfies Options;

/** The filters that were given, as the API names them. */
export function filterOf({ call, ...values }: Values<typeof FILTERS>): Record<string, string> {
  const names = Object.keys(FILTERS) as (keyof typeof values)[];
  const given = names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]]));
  return Object.fromEntries([...given, ...(call === undefined ? [] : [['callId', call]])]);
}
