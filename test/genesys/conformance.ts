import type { Intent, TransferRequest } from '@handover/core/transfer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markOf, openTestLane, type TestLane } from '../support/lane.ts';
import { deaths, drive } from './drive.ts';
import type { Scene, Stage } from './stage.ts';

const support = { type: 'queue', id: 'support' } as const;
const overflow = { type: 'queue', id: 'overflow' } as const;

/**
 * The rules of docs/rules.md that every dialect must satisfy. Runs for each dialect.
 * An effect that may have happened and must not be resent needs an operator; every other transfer ends.
 * `more`: of every request.
 */
export function conforms(
  name: string,
  open: () => Promise<Stage>,
  more: Pick<TransferRequest, 'mode'> = {},
): void {
  describe.concurrent(name, () => {
    let lane: TestLane;
    let stage: Stage;
    beforeAll(async () => {
      lane = openTestLane();
      stage = await open();
    });
    afterAll(async () => {
      await stage.close();
      await lane.close();
    });

    const isRepeatable = () =>
      stage.platform.repeatable({ transferType: 'blind', ...more }, 'move', markOf()) !== 'never';
    const play = (callId: string, scenes: Scene[]) => {
      stage.script(callId, scenes);
      return drive({ lane, stage, request: { callId, target: support, ...more } });
    };

    test('moves the caller once, and reports it', async () => {
      const { record } = await play('ordinary', []);
      expect(record.outcome).toMatchObject({ status: 'transferred', target: support });
      expect(stage.moves('ordinary')).toEqual([support]);
    });

    test('uses the fallback if the target is not open', async () => {
      const closed = { type: 'queue', id: 'closed' } as const;
      stage.setOpen(closed, false);
      const request = { callId: 'to-the-fallback', target: closed, fallback: overflow, ...more };
      const { record } = await drive({ lane, stage, request });
      expect(record.outcome).toMatchObject({ status: 'transferred', target: overflow, isFallback: true });
      expect(stage.moves('to-the-fallback')).toEqual([overflow]);
    });

    test('decides again after a refusal because the call changed', async () => {
      const { record } = await play('changed', ['changed']);
      expect(record.outcome?.status).toBe('transferred');
      expect(record.conflicts).toBe(1);
      expect(stage.moves('changed')).toEqual([support]);
    });

    test('leaves a call alone that someone else moved', async () => {
      const { record } = await play('moved-by-another', ['moved-by-another']);
      expect(record.outcome).toMatchObject({ status: 'rejected', reason: 'call-moved' });
      expect(stage.moves('moved-by-another')).toEqual([]);
    });

    test.each(['lost-after', 'unwell-after'] as const)(
      'executed and %s: found, and not resent',
      async (scene) => {
        const { record } = await play(scene, [scene]);
        expect(record.outcome?.status).toBe('transferred');
        expect(stage.moves(scene)).toEqual([support]);
      },
    );

    test.each(['lost-before', 'unwell-before'] as const)(
      'not executed, %s: resent if safe, else left to an operator',
      async (scene) => {
        const { record } = await play(scene, [scene]);
        if (isRepeatable()) expect(record.outcome?.status).toBe('transferred');
        else expect(record).toMatchObject({ status: 'unconfirmed', parked: true });
        expect(stage.moves(scene)).toEqual(isRepeatable() ? [support] : []);
      },
    );

    test.each(deaths)('a worker that dies %s: never moved twice, never reported wrongly', async (death) => {
      const request = { callId: death, target: support, ...more };
      const { record } = await drive({ lane, stage, request, dies: [death] });
      const isLeft = death === 'after-intent' && !isRepeatable();
      if (isLeft) expect(record).toMatchObject({ status: 'unconfirmed', parked: true });
      else expect(record.outcome?.status).toBe('transferred');
      expect(stage.moves(death)).toEqual(isLeft ? [] : [support]);
    });

    test('comparing a reading is pure and deterministic', async () => {
      stage.putCall('traced');
      const reading = await stage.platform.readCall(
        { callId: 'traced', userId: 'agent' },
        new AbortController().signal,
      );
      if (!reading.ok) throw new Error('not read');
      const { mark, placement } = reading.value;
      const intent: Intent = {
        ...{
          id: 'i',
          at: 0,
          effect: 'move',
          transferType: 'blind',
          target: support,
          isFallback: false,
          sends: 1,
        },
        ...{ mark, before: placement, repeatable: 'never', state: 'in-doubt' },
      };
      const copy = structuredClone({ intent, call: reading.value });
      const shown = stage.platform.trace(intent, reading.value);
      expect(shown).toMatchObject({ shows: 'nothing-new' });
      expect(stage.platform.trace(intent, reading.value)).toEqual(shown);
      expect({ intent, call: reading.value }).toEqual(copy);
    });
  });
}
