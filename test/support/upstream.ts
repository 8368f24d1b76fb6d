import { randomUUID } from 'node:crypto';
import { PATIENCE_MS } from './patience.ts';
import type { World } from './world.ts';

export type Reply = {
  status: number;
  /** From the request to the last byte of its answer, in ms. */
  ms: number;
  at: number;
  headers: Headers;
  body: { id?: string; status?: string; code?: string; holder?: { id: string } };
};

/** The body of a normal transfer for a new call, created in the sandbox. */
export function ordinaryBody({ sandbox }: Pick<World, 'sandbox'>, callId = `call-${randomUUID()}`) {
  if (!sandbox.users.has('agent')) sandbox.addMany({ users: ['agent'], queues: ['support'] });
  sandbox.putCall(callId);
  return { callId, userId: 'agent', transferType: 'blind', target: { type: 'queue', id: 'support' } };
}

/** Submits over HTTP. Returns `undefined` without an answer: refused, reset, or a minute passed. */
export async function post(url: string, body: unknown, key?: string): Promise<Reply | undefined> {
  const started = performance.now();
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = (await response.json()) as Reply['body'];
    const ms = Math.round(performance.now() - started);
    return { status: response.status, ms, at: Date.now(), headers: response.headers, body: answer };
  } catch {
    return undefined;
  }
}
