import { describe, expect, test } from 'vitest';
import { eventKey } from './event.ts';
import type { TransferEvent } from './words.ts';

const event: TransferEvent = {
  ...{ id: 'e-1', callId: 'call-1', transferType: 'blind', target: { id: 'support' } },
  at: Date.parse('2026-11-22T09:59:58.123Z'),
};

describe('the key of an event', () => {
  const key = (given: Partial<TransferEvent> = {}) => eventKey({ ...event, ...given });
  const withoutId = (given: Partial<TransferEvent> = {}) => key({ id: undefined, ...given });

  test('is the same for the same event, and fits into a key of Redis and into a header', () => {
    expect(key()).toBe(key());
    expect(key()).toMatch(/^event-[0-9a-f]{32}$/);
    expect(key({ callId: '🎧'.repeat(100) })).toMatch(/^event-[0-9a-f]{32}$/);
  });

  test('does not depend on the time where the event has an id', () => {
    expect(key({ at: 1 })).toBe(key({ at: 2 }));
  });

  test('depends on the time where it has none', () => {
    expect(withoutId({ at: 1 })).not.toBe(withoutId({ at: 2 }));
    expect(withoutId({ at: 1 })).toBe(withoutId({ at: 1 }));
  });

  test('does not depend on whether the platform tells the type of the target', () => {
    expect(key({ target: { id: 'support', type: 'queue' } })).toBe(key());
    expect(withoutId({ target: { id: 'support', type: 'queue' } })).toBe(withoutId());
  });

  test('differs with call, type, target and id, and however these are shifted into one another', () => {
    const keys = [
      ...[key(), key({ id: 'e-2' }), key({ callId: 'call-2' }), key({ transferType: 'consult' })],
      ...[key({ target: { id: 'sales' } }), key({ callId: 'support', target: { id: 'call-1' } })],
      ...[key({ callId: 'call-1"', target: { id: 'support' } }), key({ callId: 'call-1","blind' })],
      ...[key({ id: `at ${event.at}` }), key({ id: String(event.at) }), withoutId()],
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
