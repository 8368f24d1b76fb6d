import { randomUUID } from 'node:crypto';
import type { z } from 'zod';

/** The response to send. A string body is sent unchanged, anything else as JSON; undefined means an empty body. */
export type Answer = { status: number; headers?: Record<string, string>; body?: unknown };

/** An error in Genesys' format. */
export function errorAnswer(status: number, code: string, message: string, more: object = {}): Answer {
  return { status, body: { status, code, message, contextId: randomUUID(), ...more } };
}

/** A 400 in Genesys' format that names every invalid field. */
export function badRequest(error: z.ZodError): Answer {
  const message = error.issues
    .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
    .join('; ');
  return errorAnswer(400, 'bad.request', message);
}
