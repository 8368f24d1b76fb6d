import { test } from '@fast-check/vitest';
import { type Bill, eventKey } from '@handover/core/billing';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import {
  type CallStory,
  callStory,
  eventsOf,
  type SentEvent,
  transfersAt,
  transfersAtLast,
  withClockOff,
} from './billing-calls.ts';
import { type BillingWindows, billCall, billWhatIsDue, trailOf, whose } from './billing-model.ts';

const RUNS = { numRuns: Number(process.env.RUNS ?? 300) };
const WINDOWS: BillingWindows = { reorderMs: 2_000, matchMs: 900_000, synthesize: false };

const losses = fc.infiniteStream(fc.integer({ min: 0, max: 9 }));
const delays = fc.infiniteStream(fc.integer({ min: 0, max: 1_200_000 }));
/** The offset of the platform's clock, in ms: mostly small. */
const clockOff = fc.oneof(
  fc.integer({ min: -600_000, max: 600_000 }),
  fc.integer({ min: -2_000, max: 2_000 }),
);
/** Moves further apart than any clock offset, one of them ours. */
const oneOfOurs = callStory({ oneOfOurs: true, apartMs: 601_000 });

describe('with every event of a call', () => {
  test.prop([callStory()], RUNS)('bills each move once, to its owner', (story) => {
    const bills = billWhatIsDue(trailOf(eventsOf(story)), transfersAtLast(story));
    expect(whose(bills)).toEqual(whose(story.moves));
  });

  test.prop([callStory(), delays], RUNS)('the order of arrival does not matter', (story, delay) => {
    const inAnotherOrder = eventsOf(story)
      .map((event) => ({ ...event, receivedAt: event.at + (delay.next().value ?? 0) }))
      .reverse();
    const bills = billWhatIsDue(trailOf(eventsOf(story)), transfersAtLast(story));
    const others = billWhatIsDue(trailOf(inAnotherOrder), transfersAtLast(story));
    expect(byId(others)).toEqual(byId(bills));
  });

  test.prop([callStory()], RUNS)('billing after each event equals billing at the end', (story) => {
    expect(whose(billOneByOne(story, eventsOf(story)))).toEqual(whose(story.moves));
  });

  test.prop([oneOfOurs, clockOff], RUNS)('a clock offset changes nothing', (onTime, offMs) => {
    const story = withClockOff(onTime, offMs);
    const bills = billWhatIsDue(trailOf(eventsOf(story)), transfersAtLast(story));
    expect(whose(bills)).toEqual(whose(story.moves));
    expect(whose(billOneByOne(story, eventsOf(story)))).toEqual(whose(story.moves));
  });
});

test.prop([callStory(), losses], RUNS)('bills nothing twice, whatever is lost', (story, lost) => {
  const bills = billOneByOne(story, afterLosses(eventsOf(story), lost));
  expect(bills.length).toBeLessThanOrEqual(story.moves.length);
  expect(others(bills)).toBeLessThanOrEqual(others(story.moves));
  expect(whose(bills).filter((id) => id.startsWith('vain'))).toEqual([]);
});

describe('finally each of our transfers that happened is billed, or has one discrepancy', () => {
  test.prop([callStory()], RUNS)('with every event', async (story) => {
    const { bills, open } = await atRest(story, eventsOf(story), WINDOWS);
    expect(others(bills)).toBe(others(story.moves));
    expect(open.filter(({ name }) => name !== 'unknown-transfer')).toEqual([]);
  });

  test.prop([callStory(), losses, fc.boolean()], RUNS)(
    'with lost events, and with synthesized bills',
    async (story, lost, synthesize) => {
      await atRest(story, afterLosses(eventsOf(story), lost), { ...WINDOWS, synthesize });
    },
  );

  test.prop([oneOfOurs, clockOff], RUNS)('with a clock offset', async (onTime, offMs) => {
    const story = withClockOff(onTime, offMs);
    await atRest(story, eventsOf(story), WINDOWS);
  });
});

/** Bills the call with the real verbs until nothing more happens, and checks the invariants. */
async function atRest(story: CallStory, arrived: SentEvent[], windows: BillingWindows) {
  const billed = await billCall(story, arrived, windows);
  const { bills, open, waiting } = billed;
  const keys = new Set(arrived.map(eventKey));
  expect(waiting).toEqual([]);
  expect(others(bills)).toBeLessThanOrEqual(others(story.moves));
  expect(whose(bills).filter((id) => id.startsWith('vain'))).toEqual([]);
  for (const { transferId, ending, events } of story.moves) {
    if (transferId === undefined) continue;
    const times = bills.filter((bill) => bill.transferId === transferId).length;
    const unbilled = open.filter((one) => one.transferId === transferId && !one.synthesized).length;
    const wasTold = events.some((event) => keys.has(eventKey(event)));
    expect(times, transferId).toBeLessThanOrEqual(1);
    if (wasTold) expect(times, `${transferId}, of which an event told`).toBe(1);
    if (ending === 'answered') expect(times + unbilled, transferId).toBe(1);
  }
  return billed;
}

function billOneByOne(story: CallStory, events: SentEvent[]): Bill[] {
  const bills: Bill[] = [];
  const trail = trailOf(events);
  for (const [index, { receivedAt }] of trail.entries())
    bills.push(...billWhatIsDue(trail.slice(0, index + 1), transfersAt(story, receivedAt), bills));
  return bills;
}

/** What is left of these events when some get lost. */
function afterLosses(events: SentEvent[], lost: fc.Stream<number>): SentEvent[] {
  return events.filter(() => (lost.next().value ?? 0) > 2);
}

/** How many of these are someone else's. */
function others(all: readonly { transferId?: string | undefined }[]): number {
  return all.filter(({ transferId }) => transferId === undefined).length;
}

function byId(bills: Bill[]): Bill[] {
  return [...bills].sort((a, b) => (a.id < b.id ? -1 : 1));
}
