import { readFileSync } from 'node:fs';
import type { Transfer } from '@handover/client';
import { describe, expect, test } from 'vitest';
import { stepLine } from './command.ts';
import { explain } from './explain.ts';

// Recorded in a whole system on the sandbox's scenarios, one transfer a line.
const recorded = new Map(
  readFileSync(new URL('recorded.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; transfer: Transfer })
    .map(({ name, transfer }) => [name, transfer]),
);

function transferOf(name: string): Transfer {
  const found = recorded.get(name);
  if (found === undefined) throw new Error(`${name} was not recorded`);
  return found;
}

function told(name: string, change: Partial<Transfer> = {}) {
  const { story, steps, follows } = explain({ transfer: { ...transferOf(name), ...change } });
  return [story, ...steps.map(stepLine), ...follows].join('\n');
}

test.each([...recorded.keys()])('%s is told in plain sentences', (name) => {
  const { steps } = explain({ transfer: transferOf(name) });
  expect(steps.length).toBeGreaterThan(0);
  for (const { text, afterMs } of steps) {
    expect(text).toMatch(/^[A-Za-z][^\n]*[^.]\.$/);
    expect(text).not.toMatch(/undefined|null|NaN|\[object|version/);
    expect(afterMs).toBeGreaterThanOrEqual(0);
  }
  expect(told(name)).toMatchSnapshot();
});

describe('what follows', () => {
  test('the bill, or that there is none', () => {
    const transfer = transferOf('plain');
    const bill = {
      ...{ id: transfer.id, eventId: 'e', callId: 'c', userId: 'u', billingCode: 'TRANSFER_BLIND' as const },
      ...{ target: { id: 'sales' }, transferredAt: transfer.acceptedAt, billedAt: transfer.acceptedAt },
    };
    expect(explain({ transfer, bill: bill as never }).follows).toEqual(['It is billed as TRANSFER_BLIND.']);
    expect(explain({ transfer, bill: null }).follows).toEqual(['No bill of it is recorded yet.']);
    expect(explain({ transfer }).follows).toEqual([]);
  });

  test('follow-ups and callbacks in each state', () => {
    const at = '2026-11-27T14:03:05.000Z';
    const followUps = (['waiting', 'done', 'superseded', 'gave-up'] as const).map((state) => ({
      ...{ id: state, kind: 'wrap-up' as const, state, dueAt: at, giveUpAt: at, tries: 2 },
      ...(state === 'done' ? {} : { why: 'the agent is still on it' }),
    }));
    const callbacks = (['waiting', 'delivered', 'gave-up'] as const).map((state) => ({
      ...{
        id: state,
        type: 'transfer.ended' as never,
        at,
        state,
        tried: state === 'delivered' ? 1 : 3,
        tries: [],
      },
      ...(state === 'waiting' && { nextAt: at, giveUpAt: at }),
      ...(state === 'gave-up' && { why: 'nobody listens' }),
    }));
    expect(explain({ transfer: { ...transferOf('plain'), followUps, callbacks } }).follows).toEqual([
      'Follow-up wrap-up is due at 2026-11-27 14:03:05 UTC, and given up at 2026-11-27 14:03:05 UTC: the agent is still on it.',
      'Follow-up wrap-up is done.',
      'Follow-up wrap-up is no longer needed: the agent is still on it.',
      'Follow-up wrap-up was given up after 2 tries: the agent is still on it.',
      'Callback transfer.ended waits until 2026-11-27 14:03:05 UTC, after 3 tries.',
      'Callback transfer.ended was delivered after 1 try.',
      'Callback transfer.ended was given up after 3 tries: nobody listens.',
    ]);
  });
});

describe('a step', () => {
  const step = (entry: object) =>
    explain({
      transfer: {
        ...transferOf('plain'),
        timeline: [
          { at: '2026-11-27T23:57:00.000Z', by: 'worker:w', ...entry } as Transfer['timeline'][number],
        ],
      },
    }).steps[0]?.text;

  test.each([
    [
      {
        step: 'waiting',
        rule: 'busy',
        decided: 'delayed until 2026-11-27T23:58:00.000Z',
        times: 3,
        since: '2026-11-27T23:56:00.000Z',
      },
      'It waited 2 min 0 s, 3 times in all before the next try: busy.',
    ],
    [
      { step: 'waiting', rule: 'shutting down', decided: 'returned to the queue' },
      'It gave the transfer back to the queue: shutting down.',
    ],
    [
      { step: 'started', attempt: 2, detail: 'the previous worker was lost' },
      'The worker w took it up again: the previous worker was lost.',
    ],
    [
      { step: 'sent', requests: [], detail: 'stopped at the fence' },
      'Nothing was sent: stopped at the fence.',
    ],
    [
      { step: 'sent', requests: [], decided: 'consult-start', ms: 100 },
      'It asked Genesys to call the target while the caller waits, which was confirmed after 0.1 s.',
    ],
    [
      { step: 'outcome', by: 'system:sweep', rule: 'past the deadline', decided: 'expired' },
      'Handover itself (sweep) settled it as expired: past the deadline.',
    ],
    [
      { step: 'compared', decided: 'moved-by-another', rule: 'refused, and the call is elsewhere now' },
      'So somebody else moved the call: refused, and the call is elsewhere now.',
    ],
    [
      { step: 'contradicted', by: 'genesysEvent:e', rule: 'an event' },
      'It had ended by then, and proved to have moved the call after all: an event: an operator must look at it.',
    ],
  ])('%j', (entry, text) => expect(step(entry)).toBe(text));
});
