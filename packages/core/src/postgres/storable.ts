/** Replaces NUL and lone surrogates, which PostgreSQL's text and jsonb cannot store, in every text. */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return Buffer.from(value).toString().replaceAll('\0', '\ufffd') as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [storable(name), storable(one)])) as T;
}
