import { type Answer, badRequest, errorAnswer } from '../answer.ts';
import { type Webhooks, webhookSchema } from '../events/webhooks.ts';

/** A request about one webhook, or with a null `id` about all of them. */
type WebhookRequest = { method: string; id: string | null; body: unknown };

/** Registers, lists, replaces or removes webhooks, as the method says. */
export function answerWebhook(webhooks: Webhooks, { method, id, body }: WebhookRequest): Answer {
  if (id === null) {
    if (method === 'GET') return { status: 200, body: { entities: webhooks.list() } };
    const asked = webhookSchema.safeParse(body);
    if (!asked.success) return badRequest(asked.error);
    return { status: 200, body: webhooks.register(asked.data) };
  }
  if (!webhooks.has(id)) return errorAnswer(404, 'webhook.not.found', `No webhook ${id}`);
  if (method === 'DELETE') {
    webhooks.delete(id);
    return { status: 204 };
  }
  const asked = webhookSchema.safeParse(body);
  return asked.success ? { status: 200, body: webhooks.replace(id, asked.data) } : badRequest(asked.error);
}
