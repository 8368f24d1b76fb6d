import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { Answer } from './answer.ts';
import type { Step } from './schemas.ts';
import type { SteppedAnswer } from './step.ts';

const NOT_JSON = '<html><body>The gateway is not feeling well';

/** Sends the answer when available, and returns the sent status; cuts the connection if `closing` fires first. */
export async function serve(
  reply: FastifyReply,
  answering: Promise<SteppedAnswer>,
  closing: AbortSignal,
): Promise<number | null> {
  try {
    return await deliver(reply, await answering, closing);
  } catch (error) {
    if (!closing.aborted) throw error;
    reply.hijack();
    reply.raw.destroy();
    return null;
  }
}

/**
 * Sends the answer as the step demands: complete, cut, invalid, byte by byte, or not at all. Returns the sent status,
 * or null for none.
 */
async function deliver(
  reply: FastifyReply,
  { answer, step }: SteppedAnswer,
  closing: AbortSignal,
): Promise<number | null> {
  if (!answer || step.drop || step.hang) {
    reply.hijack();
    if (!step.hang) reply.raw.destroy();
    return null;
  }
  const { headers, bytes } = encode(answer, step);
  if (!step.cutBody && step.trickle === undefined) {
    // An empty buffer would be sent with a content type of its own.
    reply
      .code(answer.status)
      .headers(headers)
      .send(bytes.length === 0 ? undefined : bytes);
    return answer.status;
  }
  reply.hijack();
  reply.raw.writeHead(answer.status, { ...headers, 'content-length': bytes.length });
  if (step.cutBody) cut(reply, bytes);
  else await trickle(reply, bytes, step.trickle ?? 1, closing);
  return answer.status;
}

function encode(answer: Answer, step: Step<unknown>): { headers: Record<string, string>; bytes: Buffer } {
  const body = step.invalidBody ? NOT_JSON : answer.body;
  if (body === undefined) return { headers: lowerCased(answer.headers ?? {}), bytes: Buffer.alloc(0) };
  const isText = !step.invalidBody && typeof body === 'string';
  const headers = {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
    ...lowerCased(answer.headers ?? {}),
  };
  return { headers, bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

// Otherwise a scripted `Content-Type` would be sent beside our own.
function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function cut(reply: FastifyReply, bytes: Buffer): void {
  reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => reply.raw.destroy());
}

async function trickle(
  reply: FastifyReply,
  bytes: Buffer,
  msPerByte: number,
  closing: AbortSignal,
): Promise<void> {
  reply.raw.flushHeaders();
  for (const byte of bytes) {
    await wait(msPerByte, undefined, { signal: closing });
    if (reply.raw.destroyed) return;
    reply.raw.write(Buffer.of(byte));
  }
  reply.raw.end();
}
