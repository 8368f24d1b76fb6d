import { randomUUID } from 'node:crypto';
import type { z } from 'zod';

/** What is to be sent. A string body goes out as it stands, anything else as JSON; without one the body is empty. */
export type Answer = { status: number; headers?: Record<string, string>; body?: unknown };

/** An error in Genesys' shape. */
export function errorAnswer(status: number, code: string, message: string, more: object = {}): Answer {
  return { status, body: { status, code, message, contextId: randomUUID(), ...more } };
}

/** A 400 in Genesys' shape that names every bad field. */
export function badRequest(error: z.ZodError): Answer {
  const message = error.issues
    .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
    .join('; ');
  return errorAnswer(400, 'bad.request', message);
}
