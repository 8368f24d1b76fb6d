type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Fields = { [key: string]: Json };

const PREFIX = '#/components/schemas/';
const ASKED = 'Input';

/**
 * The document with one component for each thing. The type provider writes each named schema twice, as asked and as answered
 * (`XInput` and `X`): where both say the same, or only one is used, it becomes `X`; what nothing refers to is dropped.
 */
export function oneOfEach<D extends object>(document: D): D {
  const { components, ...rest } = document as unknown as { components: Fields & { schemas: Fields } };
  const schemas = components.schemas;
  const used = reachable(rest as unknown as Json, schemas);
  const asked = [...used].filter((name) => name.endsWith(ASKED) && schemas[plain(name)] !== undefined);
  const alike = allAlike(asked, schemas);
  const renamed = new Map(
    asked.filter((name) => !used.has(plain(name)) || alike.has(name)).map((name) => [name, plain(name)]),
  );
  const named = [...used].sort().flatMap((name): [string, Json][] => {
    const schema = schemas[name];
    const isOther = used.has(renamed.get(name) ?? '');
    return schema === undefined || isOther ? [] : [[renamed.get(name) ?? name, schema]];
  });
  const whole = { ...rest, components: { ...components, schemas: Object.fromEntries(named) } };
  return refer(whole as Json, (name) => renamed.get(name) ?? name) as D;
}

/** The names of all components that the paths refer to, directly or through others. */
function reachable(from: Json, schemas: Fields, found = new Set<string>()): Set<string> {
  refer(from, (name) => {
    if (!found.has(name)) {
      found.add(name);
      reachable(schemas[name] ?? null, schemas, found);
    }
    return name;
  });
  return found;
}

function plain(asked: string): string {
  return asked.slice(0, -ASKED.length);
}

/** Those of these that are answered as they are asked, with everything that they refer to. */
function allAlike(asked: string[], schemas: Fields): Set<string> {
  const alike = new Set(asked);
  for (let before = -1; before !== alike.size; ) {
    before = alike.size;
    for (const name of alike) {
      const inner = (one: string) => (alike.has(one) ? plain(one) : one);
      const changed = refer(schemas[name] ?? null, inner);
      if (JSON.stringify(changed) !== JSON.stringify(schemas[plain(name)])) alike.delete(name);
    }
  }
  return alike;
}

/** The same JSON with its references to components renamed. */
function refer(json: Json, rename: (name: string) => string): Json {
  if (Array.isArray(json)) return json.map((item) => refer(item, rename));
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => {
      const isReference = key === '$ref' && typeof value === 'string' && value.startsWith(PREFIX);
      return [key, isReference ? `${PREFIX}${rename(value.slice(PREFIX.length))}` : refer(value, rename)];
    }),
  );
}
