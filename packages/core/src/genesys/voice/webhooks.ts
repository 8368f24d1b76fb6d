import { z } from 'zod';
import type { RegistrarAnswer, Webhook, WebhookRegistrar } from '../../billing/register.ts';
import { intercepted, Text } from '../http/answers.ts';
import type { Client, ClientAnswer } from '../http/client.ts';
import { TRANSFER_EVENT } from './events.ts';

const PATH = '/api/v2/integrations/webhooks';
const NAME = 'BillingSyncTransferHook';

const Created = z.object({ id: Text });
const Listed = z.object({ entities: z.array(z.unknown()) });
/** There may be webhooks of other applications. */
const Ours = z.looseObject({
  id: Text,
  name: z.literal(NAME),
  callback_url: z.string(),
});

/** The platform's answers for a missing route; an answer of an intermediary proves nothing about its routes. */
const NOT_OFFERED = new Set([404, 405, 501]);

/** The webhooks of the voice API (docs/voice-api.md). List, update and delete are used if available. */
export function createVoiceWebhooks(client: Client): WebhookRegistrar {
  const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, signal: AbortSignal, body?: object) =>
    client.request({ operation: 'webhook', method, path, signal, ...(body && { body }) });
  const one = (id: string) => `${PATH}/${encodeURIComponent(id)}`;

  return {
    list: async (signal) =>
      read(await ask('GET', PATH, signal), Listed, ({ entities }) =>
        entities.flatMap((entity): Webhook[] => {
          const { success, data } = Ours.safeParse(entity);
          return success ? [{ id: data.id, name: data.name, callbackUrl: data.callback_url }] : [];
        }),
      ),
    create: async (callbackUrl, signal) =>
      read(await ask('POST', PATH, signal, registration(callbackUrl)), Created, ({ id }) => ({ id })),
    update: async (id, callbackUrl, signal) =>
      read(
        await ask('PUT', one(id), signal, registration(callbackUrl)),
        Created.refine((changed) => changed.id === id),
        () => ({ id }),
      ),
    remove: async (id, signal) => read(await ask('DELETE', one(id), signal), z.unknown(), () => undefined),
  };
}

function registration(callbackUrl: string) {
  return {
    name: NAME,
    description: 'Sends transfers to Handover for billing.',
    events: [TRANSFER_EVENT],
    callback_url: callbackUrl,
    method: 'POST',
    content_type: 'application/json',
    retry_policy: { retry_count: 3, retry_interval_seconds: 60 },
    filter: { event_data: { [TRANSFER_EVENT]: { transferType: { $exists: true } } } },
  };
}

function read<B, T>(answer: ClientAnswer, schema: z.ZodType<B>, value: (body: B) => T): RegistrarAnswer<T> {
  if (!answer.ok) {
    if (answer.gate === 'shut') throw new Error('a registration has no gate');
    const { failure } = answer;
    if (failure.kind === 'answered' && NOT_OFFERED.has(failure.status)) return { ok: false, offered: false };
    return { ok: false, offered: true, failure };
  }
  const parsed = schema.safeParse(answer.said.data);
  if (parsed.success) return { ok: true, value: value(parsed.data) };
  return { ok: false, offered: true, failure: intercepted(answer.said, 'JSON that names no such webhook') };
}
