import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CallEvent } from './call-event.ts';

const LONGEST_INTERVAL_SECONDS = 86_400;

// An unsupported filter is refused; other unknown fields are dropped, as everywhere in the voice API.
const filterSchema = z.strictObject({
  event_data: z.strictObject({
    'voice.call.updated': z.strictObject({ transferType: z.strictObject({ $exists: z.boolean() }) }),
  }),
});

export const webhookSchema = z.object({
  name: z.string().min(1),
  description: z.string().optional(),
  events: z.array(z.string().min(1)).min(1),
  callback_url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  method: z.literal('POST'),
  content_type: z.literal('application/json'),
  retry_policy: z
    .object({
      retry_count: z.int().min(0).max(10),
      retry_interval_seconds: z.number().min(0).max(LONGEST_INTERVAL_SECONDS),
    })
    .optional(),
  filter: filterSchema.optional(),
});

type Registration = z.infer<typeof webhookSchema>;

/** A webhook as the voice API shows it. */
export type RegisteredWebhook = Registration & { id: string };

/** The registered webhooks. */
export class Webhooks {
  readonly #webhooks = new Map<string, RegisteredWebhook>();

  /** Creates another webhook, even for an existing registration. */
  register(registration: Registration): RegisteredWebhook {
    const webhook = { id: randomUUID(), ...registration };
    this.#webhooks.set(webhook.id, webhook);
    return webhook;
  }

  has(id: string): boolean {
    return this.#webhooks.has(id);
  }

  replace(id: string, registration: Registration): RegisteredWebhook {
    const webhook = { id, ...registration };
    this.#webhooks.set(id, webhook);
    return webhook;
  }

  delete(id: string): void {
    this.#webhooks.delete(id);
  }

  clear(): void {
    this.#webhooks.clear();
  }

  list(): RegisteredWebhook[] {
    return [...this.#webhooks.values()];
  }

  /** The webhooks subscribed to this event by type and filter. */
  matching(event: CallEvent): RegisteredWebhook[] {
    return this.list().filter(({ events, filter }) => {
      if (!events.includes(event.type)) return false;
      if (!filter || event.type !== 'voice.call.updated') return true;
      const isWanted = filter.event_data['voice.call.updated'].transferType.$exists;
      return isWanted === (event.event_data.transferType !== undefined);
    });
  }
}
