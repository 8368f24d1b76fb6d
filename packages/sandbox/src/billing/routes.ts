import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Answer } from '../answer.ts';
import { serve } from '../delivery.ts';
import type { Sandbox } from '../sandbox.ts';
import { drawLatency } from '../settings.ts';
import { isSigned } from '../signature.ts';
import { answerByStep, type SteppedAnswer } from '../step.ts';

const keySchema = z.string().min(1).max(255);
const bodySchema = z.record(z.string(), z.unknown());

/** The billing receiver. Bodies stay text: the signature covers the text. */
export function addBillingRoutes(app: FastifyInstance, sandbox: Sandbox, closing: AbortSignal): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.post('/billing/records', (request, reply) => serveBilling(sandbox, request, reply, closing));
  });
}

async function serveBilling(
  sandbox: Sandbox,
  request: FastifyRequest,
  reply: FastifyReply,
  closing: AbortSignal,
): Promise<void> {
  const key = request.headers['idempotency-key']?.toString() ?? null;
  const entry = sandbox.billing.begin(key);
  sandbox.emit('request', { operation: 'billing', id: key });
  let status: number | null = null;
  try {
    status = await serve(reply, answerBilling(sandbox, key, request, closing), closing);
  } finally {
    sandbox.billing.finish(entry, status);
    sandbox.emit('billingAnswered', entry);
  }
}

async function answerBilling(
  sandbox: Sandbox,
  key: string | null,
  request: FastifyRequest,
  closing: AbortSignal,
): Promise<SteppedAnswer> {
  const step = sandbox.scripts.take('billing', key) ?? {};
  const handling = {
    latencyMs: () => drawLatency(sandbox.settings.billingLatencyMs, sandbox.random),
    handle: () => handle(sandbox, key, request),
  };
  return { answer: await answerByStep(step, handling, closing), step };
}

function handle(sandbox: Sandbox, key: string | null, { headers, body }: FastifyRequest): Answer {
  const { billingStatus, billingSecret } = sandbox.settings;
  if (billingStatus !== null)
    return { status: billingStatus, body: { message: 'Status set by billingStatus' } };
  const text = typeof body === 'string' ? body : '';
  if (billingSecret !== null && !isSigned(billingSecret, headers, text)) {
    return refusal(401, 'The signature is missing, wrong or too old');
  }
  const asked = keySchema.safeParse(key);
  if (!asked.success) return refusal(400, 'Idempotency-Key must have 1 to 255 characters');
  const record = bodySchema.safeParse(parseJson(text));
  if (!record.success) return refusal(400, 'The body must be a JSON object');
  const outcome = sandbox.billing.record(asked.data, record.data, billingSecret !== null);
  if (outcome === 'conflict') return refusal(422, 'This Idempotency-Key came with another body before');
  return { status: outcome === 'recorded' ? 201 : 200, body: { status: outcome } };
}

function refusal(status: number, message: string): Answer {
  return { status, body: { message } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
