import type { Target } from '@handover/client';

const TYPE_WORDS: Record<Target['type'], string> = {
  queue: 'queue ',
  user: 'user ',
  skillGroup: 'skill group ',
  externalContact: 'external contact ',
  address: '',
};

/** `queue sales`. */
export function targetWords({ type, id }: Pick<Target, 'type' | 'id'>): string {
  return `${TYPE_WORDS[type]}${id}`;
}

/** `the API key crm`, from the actor of a timeline, such as `apiKey:crm`. */
export function actorWords(by: string): string {
  const colon = by.indexOf(':');
  const name = by.slice(colon + 1);
  switch (by.slice(0, colon)) {
    case 'apiKey':
      return `the API key ${name}`;
    case 'operator':
      return `the operator ${name}`;
    case 'worker':
      return `the worker ${name}`;
    case 'genesysEvent':
      return 'an event from Genesys';
    default:
      return `Handover itself (${name})`;
  }
}

export function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
