import { randomUUID } from 'node:crypto';

/** What is to be sent. A string body goes out as it stands, anything else as JSON. */
export type Answer = { status: number; headers?: Record<string, string>; body: unknown };

/** An error in Genesys' shape. */
export function errorAnswer(status: number, code: string, message: string, more: object = {}): Answer {
  return { status, body: { status, code, message, contextId: randomUUID(), ...more } };
}
