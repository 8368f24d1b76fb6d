import { afterEach, expect, test } from 'vitest';
import { openWorld, UNHURRIED, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.close());

test('a blind transfer to an open queue moves the call once', async () => {
  world = await openWorld({ env: UNHURRIED });
  const id = await world.submit({ wrapUpCodeId: 'w-1' });
  const { record, timeline } = await world.outcome(id);
  expect(record.outcome).toEqual({
    status: 'transferred',
    target: { type: 'queue', id: 'support' },
    isFallback: false,
    confirmedBy: 'answer',
  });
  expect(timeline.map(({ step }) => step)).toEqual([
    'accepted',
    'started',
    'read',
    'decided',
    'intent',
    'sent',
    'outcome',
  ]);
  expect(world.effects(record.request?.callId ?? '')).toHaveLength(1);
});
