import { describeRoutes } from '@handover/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSystem, type System } from '../support/system.ts';

type Parameter = { name: string; in: 'path' | 'query' | 'header'; required?: boolean; example?: string };
type Operation = {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, { links?: Record<string, { parameters: { id: string } }> }>;
};
type Document = { paths: Record<string, Record<string, Operation>> };

const WEBHOOK_SECRET = 'a-secret-for-the-events-of-examples';
/** They need what does not exist right after the start: a waiting transfer, a dead letter or an action, a callback, a key to sign in with. */
const WITHOUT = [
  ...['cancelTransfer', 'replayDeadLetter', 'resolveDeadLetter', 'sendCallback', 'signIn'],
  ...['getAction', 'stopAction'],
];

describe.each(['voice', 'platform'] as const)('the document of the dialect %s', (dialect) => {
  let system: System;
  let document: Document;
  beforeAll(async () => {
    system = await openSystem(dialect, { WEBHOOK_SECRET });
    document = (await (await fetch(`${system.url}/openapi.json`)).json()) as Document;
  });
  afterAll(() => system.close());

  test('is the one that is made without Redis', async () => {
    expect(document).toEqual(await describeRoutes(dialect));
  });

  test('has examples that succeed, each as it stands', async () => {
    const all = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    const known = new Map(all.map((one) => [one.operation.operationId, one]));
    // On the Platform API there are no events.
    const without = dialect === 'voice' ? WITHOUT : [...WITHOUT, 'receiveEvent'];
    const leading = all
      .filter(({ operation }) => Object.values(operation.responses).some(({ links }) => links !== undefined))
      .map(({ operation }) => operation.operationId);
    const linked = new Set<string>();
    const answers: Record<string, number> = {};
    const bodies: Record<string, unknown> = {};

    async function send(operationId: string, id?: string): Promise<void> {
      const { path, method, operation } = known.get(operationId) ?? missing(operationId);
      const sent = request(path, operation, id);
      const stop = new AbortController();
      const response = await fetch(`${system.url}${sent.path}`, { ...sent, method, signal: stop.signal });
      answers[operationId] = response.status;
      const links = operation.responses[response.status]?.links;
      if (response.headers.get('content-type')?.startsWith('application/json')) {
        const body: unknown = await response.json();
        bodies[operationId] = body;
        if (!response.ok) throw new Error(`${operationId} ${JSON.stringify(sent)}: ${JSON.stringify(body)}`);
        for (const [next, { parameters }] of Object.entries(links ?? {})) {
          linked.add(next);
          await send(next, found(body, parameters.id));
        }
      } else if (!response.ok) throw new Error(`${operationId}: ${response.status} ${await response.text()}`);
      else stop.abort();
    }

    for (const operationId of leading) await send(operationId);
    for (const operationId of known.keys())
      if (![...without, ...linked, ...leading].includes(operationId)) await send(operationId);
    expect(bodies.getTransfer).toMatchObject({ status: 'transferred', outcome: { isFallback: false } });
    expect(bodies.submitTransfers).toMatchObject({ results: [{ status: 202 }, { status: 202 }] });
    expect(Object.keys(answers).sort()).toEqual(
      [...known.keys()].filter((id) => !without.includes(id)).sort(),
    );
  });
});

/** The request as a page of documentation would send it: with the examples, and what links give. */
function request(
  path: string,
  { operationId, parameters = [], requestBody }: Operation,
  id: string | undefined,
) {
  const given = parameters.map((one) => ({ ...one, value: one.name === 'id' ? id : one.example }));
  for (const { name, required, value } of given)
    if (required && value === undefined) throw new Error(`${operationId}: no example of ${name}`);
  const of = (where: Parameter['in']): [string, string][] =>
    given.flatMap(({ in: where_, name, value }) =>
      where_ === where && value !== undefined ? [[name, value]] : [],
    );
  const filled = of('path').reduce(
    (text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  );
  const media = requestBody?.content['application/json'];
  if (requestBody !== undefined && media?.example === undefined)
    throw new Error(`${operationId}: no example of the body`);
  const query = new URLSearchParams(of('query'));
  return {
    path: `${filled}${query.size > 0 ? `?${query}` : ''}`,
    headers: {
      ...Object.fromEntries(of('header')),
      ...(media && { 'content-type': 'application/json' }),
      ...(operationId === 'receiveEvent' && { authorization: `Bearer ${WEBHOOK_SECRET}` }),
    },
    ...(media && { body: JSON.stringify(media.example) }),
  };
}

/** The value that `$response.body#/…` names. */
function found(body: unknown, expression: string): string {
  const names = expression.replace('$response.body#/', '').split('/');
  return String(names.reduce((at, name) => (at as Record<string, unknown>)[name], body));
}

function missing(operationId: string): never {
  throw new Error(`no operation ${operationId}`);
}
