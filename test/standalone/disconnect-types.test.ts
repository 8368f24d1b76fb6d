import { test } from '@fast-check/vitest';
import type { Target } from '@handover/core/transfer';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { Conversation } from '../../packages/core/src/genesys/platform/conversation.ts';
import { findHolder } from '../../packages/core/src/genesys/platform/holder.ts';
import { callOf, commandOf, legOf } from '../../packages/core/src/genesys/platform/pure.testing.ts';
import { beforeOf, traceSent } from '../../packages/core/src/genesys/platform/trace.ts';

/** As participants spell them; events spell the same with capitals or in camel case. */
const known = [
  ...['endpoint', 'endpoint.donotdisturb', 'client', 'system', 'transfer', 'transfer.conference'],
  ...['transfer.consult', 'transfer.donotdisturb', 'transfer.forward', 'transfer.noanswer'],
  ...['transfer.notavailable', 'transport.failure', 'error', 'peer', 'other', 'spam', 'inactivity'],
  ...['session.expired', 'takeover', 'transfer.dnd'],
];
const inCapitals = (word: string) => word.replaceAll('.', '_').toUpperCase();
const inCamelCase = (word: string) => word.replaceAll(/\.(\w)/g, (_, letter: string) => letter.toUpperCase());
const spelled = known.flatMap((word) => [word, inCapitals(word), inCamelCase(word)]);

const disconnectType = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<unknown>(...spelled) },
  fc.constantFrom<unknown>('CONSULT_TRANSFER', 'dndTransfer', 'warped.somewhere', '', undefined, null, 7, {}),
);

const targets: Target[] = [
  { type: 'queue', id: 'q2' },
  { type: 'skillGroup', id: 'q2', skills: ['s'] },
  { type: 'user', id: 'bob' },
  { type: 'externalContact', id: 'k', phoneType: 'WorkPhone' },
  { type: 'address', id: '+4930123456' },
];
const states = fc.constantFrom('alerting', 'connected', 'disconnected', 'terminated');
const CALLER = 'customer C1 connected';
const LEG = legOf('agent ann L1 connected');
const before = beforeOf(callOf([CALLER, LEG]), LEG);

/** A call after a sending: the leg that was replaced, perhaps new legs, perhaps a command. */
const after = fc.record({
  caller: states,
  old: states,
  fresh: fc.array(
    fc.record({
      line: fc.constantFrom('acd q2 L2', 'agent bob L2', 'agent eve L2', 'external L2', 'voicemail L2'),
      state: states,
    }),
    { maxLength: 2 },
  ),
  command: fc.option(fc.constantFrom('Pending', 'Complete', 'Failed', 'Canceled'), { nil: undefined }),
});
type After = typeof after extends fc.Arbitrary<infer T> ? T : never;

function callAfter({ caller, old, fresh, command }: After, why: readonly unknown[] = []) {
  const typed = (line: string, place: number) =>
    legOf(line, { disconnectType: why[place % Math.max(why.length, 1)] as string });
  const legs = [
    typed(`customer C1 ${caller}`, 0),
    typed(`agent ann L1 ${old}`, 1),
    ...fresh.map(({ line, state }, index) => typed(`${line}${index} ${state}`, index + 2)),
  ];
  return callOf(legs, command === undefined ? [] : [commandOf('new', command)]);
}

const RUNS = { numRuns: 3_000 };

describe('why a leg ended', () => {
  test.prop(
    [after, fc.constantFrom(...targets), fc.array(disconnectType, { minLength: 1, maxLength: 4 })],
    RUNS,
  )('never changes what a reading shows, nor which leg is replaced', (one, target, why) => {
    const plain = callAfter(one);
    const typed = Conversation.parse(callAfter(one, why));
    const shown = (call: typeof plain) => traceSent({ target, leg: 'L1', before }, call).shows;
    expect(shown(typed)).toBe(shown(plain));
    const held = (call: typeof plain) => {
      const holder = findHolder(call, 'ann', false);
      return 'leg' in holder ? holder.leg.id : holder;
    };
    expect(held(typed)).toEqual(held(plain));
  });

  test.prop([fc.constantFrom(...spelled, 'warped.somewhere')], { numRuns: 100 })(
    'is shown as it came',
    (why) => {
      const fresh = legOf('agent bob L2 terminated', { disconnectType: why });
      const gone = legOf('agent ann L1 terminated');
      const { words } = traceSent(
        { target: { type: 'user', id: 'bob' }, leg: 'L1', before },
        callOf([CALLER, gone, fresh]),
      );
      expect(words).toContain(`(agent of bob, terminated (${why}))`);
    },
  );
});
