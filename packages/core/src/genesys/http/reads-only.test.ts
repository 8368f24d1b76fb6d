import { describe, expect, test } from 'vitest';
import { dialectNames } from '../dialect.ts';
import { openDialect } from '../dialects.ts';
import type { ClientRequest } from './client.ts';
import { readsOnly } from './reads-only.ts';

const signal = new AbortController().signal;

describe.each(dialectNames)('the operations of %s', (name) => {
  const { operations, queries } = openDialect(name);

  /** What a client that only reads passes on of this request. */
  async function passed(request: Pick<ClientRequest, 'operation' | 'method'>) {
    const sent: string[] = [];
    const client = readsOnly(
      {
        async request({ method, operation }) {
          sent.push(`${method} ${operation}`);
          return { ok: false, gate: 'shut', requests: [] };
        },
      },
      queries,
    );
    const gate = () => Promise.reject(new Error('the gate was asked'));
    const error = await client.request({ ...request, path: '/', signal, gate }).then(
      () => undefined,
      ({ message }: Error) => message,
    );
    return { sent, error };
  }

  test('may all be read', async () => {
    for (const operation of operations)
      expect(await passed({ method: 'GET', operation })).toEqual({
        sent: [`GET ${operation}`],
        error: undefined,
      });
  });

  test.each(['POST', 'PUT', 'DELETE'] as const)(
    'are sent with %s only if they are queries',
    async (method) => {
      for (const operation of operations) {
        const isQuery = method === 'POST' && queries.includes(operation);
        const { sent, error } = await passed({ method, operation });
        expect(sent).toEqual(isQuery ? [`${method} ${operation}`] : []);
        expect(error?.slice(0, 20)).toBe(isQuery ? undefined : 'shadow mode sends no');
      }
    },
  );

  test('that move a call or register something are no queries', () => {
    expect(operations).toContain('transfer');
    expect(operations).toEqual(expect.arrayContaining([...queries]));
    for (const one of ['transfer', 'webhook', 'wrap-up', 'conversation']) expect(queries).not.toContain(one);
  });
});
