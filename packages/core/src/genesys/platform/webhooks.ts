import type { RegistrarAnswer, WebhookRegistrar } from '../../billing/register.ts';

const NOT_OFFERED: RegistrarAnswer<never> = { ok: false, offered: false };

/** The Platform API registers no webhooks: its events come over EventBridge or a notification channel. */
export const noWebhooks: WebhookRegistrar = {
  list: async () => NOT_OFFERED,
  create: async () => NOT_OFFERED,
  update: async () => NOT_OFFERED,
  remove: async () => NOT_OFFERED,
};
