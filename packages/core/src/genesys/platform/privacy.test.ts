import { describe, expect, test } from 'vitest';
import { defaultPolicies, type PrivacyPolicy } from '../policies.ts';
import type { Conversation } from './conversation.ts';
import { whyPrivate } from './privacy.ts';
import { callOf, legOf } from './pure.testing.ts';

const TOLD = { securePause: false, recordingState: 'active' };
const call = (given: Partial<Conversation> = {}, ...legs: Parameters<typeof legOf>[1][]): Conversation => ({
  ...callOf(['customer L0 connected', ...legs.map((leg, n) => legOf(`agent ann L${n + 1} connected`, leg))]),
  ...TOLD,
  ...given,
});
const policy = (given: Partial<PrivacyPolicy> = {}): PrivacyPolicy => ({
  ...defaultPolicies.privacy,
  ...given,
});

describe('signals', () => {
  test.each<[string, Conversation, string | undefined]>([
    ['none', call(), undefined],
    ['no recording at all', call({ recordingState: 'none' }), undefined],
    ['secure pause', call({ securePause: true }), 'secure pause is on (PRIVATE_SIGNALS)'],
    ['secure pause of a leg', call({}, { securePause: true }), 'secure pause is on (PRIVATE_SIGNALS)'],
    ['a paused recording', call({ recordingState: 'paused' }), 'the recording is paused (PRIVATE_SIGNALS)'],
    [
      'in capitals, of a leg',
      call({}, { recordingState: 'PAUSED' }),
      'the recording is paused (PRIVATE_SIGNALS)',
    ],
    ['of a leg that has ended', call({}, { state: 'terminated', securePause: true }), undefined],
  ])('%s', (_, given, why) => {
    expect(whyPrivate(given, policy())).toBe(why);
  });

  test('only those that are configured', () => {
    expect(
      whyPrivate(call({ securePause: true }), policy({ signals: ['recording-paused'] })),
    ).toBeUndefined();
    expect(
      whyPrivate(call({ securePause: true, recordingState: 'paused' }), policy({ signals: [] })),
    ).toBeUndefined();
  });

  test('what is not told counts as private, unless that is allowed', () => {
    const untold = call({ securePause: undefined, recordingState: undefined });
    expect(whyPrivate(untold, policy())).toBe(
      'secure pause, recording state not told; PRIVATE_UNKNOWN=allow accepts it',
    );
    expect(whyPrivate(call({ recordingState: null }), policy())).toBe(
      'recording state not told; PRIVATE_UNKNOWN=allow accepts it',
    );
    expect(whyPrivate(untold, policy({ unknown: 'allow' }))).toBeUndefined();
    expect(whyPrivate(untold, policy({ signals: [] }))).toBeUndefined();
    expect(whyPrivate(call({ recordingState: null }, { recordingState: 'none' }), policy())).toBeUndefined();
  });

  test('what is told decides even if something else is not', () => {
    const given = call({ securePause: true, recordingState: null });
    expect(whyPrivate(given, policy({ unknown: 'allow' }))).toBe('secure pause is on (PRIVATE_SIGNALS)');
  });
});

describe('an attribute', () => {
  const marked = (attributes: Record<string, unknown>) => call({}, { attributes });
  test.each<[Record<string, unknown>, PrivacyPolicy['attribute'], boolean]>([
    [{ confidential: 'yes' }, { name: 'confidential', value: 'yes' }, true],
    [{ Confidential: ' YES ' }, { name: 'confidential', value: 'yes' }, true],
    [{ confidential: 'no' }, { name: 'confidential', value: 'yes' }, false],
    [{ confidential: 'no' }, { name: 'confidential' }, true],
    [{ confidential: '' }, { name: 'confidential' }, false],
    [{ other: 'yes' }, { name: 'confidential' }, false],
    [{ confidential: true }, { name: 'confidential', value: 'true' }, true],
  ])('%j for %j: %s', (attributes, attribute, isPrivate) => {
    expect(whyPrivate(marked(attributes), policy({ attribute })) !== undefined).toBe(isPrivate);
  });

  test('of any leg counts, also of one that has ended; attributes of none are not told', () => {
    const attribute = { name: 'vip', value: '1' };
    const ended = call({}, {}, { state: 'terminated', attributes: { vip: '1' } });
    expect(whyPrivate(ended, policy({ attribute }))).toBe('attribute vip=1 is set (PRIVATE_ATTRIBUTE)');
    expect(whyPrivate(call({}, {}), policy({ attribute }))).toBe(
      'participant attributes not told; PRIVATE_UNKNOWN=allow accepts it',
    );
  });
});

test('a division', () => {
  const divisions = [{ division: { id: 'Home' } }, { division: { id: 'VIP' } }];
  expect(whyPrivate(call({ divisions }), policy({ divisions: ['vip'] }))).toBe(
    'it lies in a private division (PRIVATE_DIVISIONS)',
  );
  expect(whyPrivate(call({ divisions }), policy({ divisions: ['legal'] }))).toBeUndefined();
  expect(whyPrivate(call(), policy({ divisions: ['vip'] }))).toBe(
    'divisions not told; PRIVATE_UNKNOWN=allow accepts it',
  );
});
