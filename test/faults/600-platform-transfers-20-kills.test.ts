import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredTransfer } from '@handover/core/transfer';
import { expect, onTestFinished, test } from 'vitest';
import { type Chance, LONG, takeChance } from '../support/chance.ts';
import { contradictions, tally } from '../support/ledger.ts';
import { openFaultWorld, type Process, type Processes } from '../support/processes.ts';
import type { World } from '../support/world.ts';

const TRANSFERS = LONG ? 6_000 : 600;
const KILLS = LONG ? 200 : 20;
const CALM = 60;
const WORKERS = 4;
/** Every so many kills, another worker is paused for longer than its lock on a job lasts (3 s). */
const PAUSE_EVERY = 5;
const PAUSE_MS = 4_000;
const READ_LAG_MS = 6_000;
const SETTLE_WINDOW_MS = 6_000;
/** A transfer that was accepted is carried out after at most that, in ms: within the settle window. */
const LATEST_MS = 5_000;
/** Longer than any transfer takes that was carried out. */
const UNCONFIRMED_MAX_MS = 45_000;
/** Between two kills, in ms, on average. */
const GAP_MS = 700;
const REPLACE = 'postConversationParticipantReplaceQueue';
/** An attended transfer leaves its leg, so a second one would move the caller again: what got lost is left to an operator. */
const MODES = ['unattended', 'unattended', 'attended'] as const;
const QUEUES = ['support', 'sales', 'billing'];

/** What happens to the answer of a transfer, and how often. */
const ANSWERS = [
  [0.65, undefined],
  [0.1, { drop: 'after' }],
  [0.05, { drop: 'before' }],
  [0.05, { status: 503, effect: true }],
  [0.05, { status: 503 }],
  [0.05, { command: { shown: false } }],
  [0.05, { command: { ends: 'Failed' } }],
] as const;
const FAILS = ANSWERS.at(-1)?.[1];

function drawAnswer(chance: Chance): object | undefined {
  let left = chance.between(0, 1);
  for (const [share, step] of ANSWERS) {
    left -= share;
    if (left < 0) return step;
  }
  return undefined;
}

/** Puts a call of this agent into the sandbox and submits its transfer; gives its id. */
async function submitOne(world: World, chance: Chance, answer: object | undefined): Promise<string> {
  const callId = randomUUID();
  const { platform } = world.sandbox;
  platform.putConversation(callId, { participants: [{ purpose: 'agent', user: { id: 'agent' } }] });
  if (answer !== undefined) platform.addScript({ operation: REPLACE, id: callId, steps: [answer] });
  const target = { type: 'queue', id: chance.pick(QUEUES) } as const;
  return world.submit({ callId, userId: 'agent', target, mode: chance.pick(MODES) });
}

type Submitted = { id: string; fails: boolean };

async function submitSome(world: World, chance: Chance): Promise<Submitted[]> {
  const submitted: Submitted[] = [];
  while (submitted.length < TRANSFERS / KILLS) {
    const answer = drawAnswer(chance);
    submitted.push({ id: await submitOne(world, chance, answer), fails: answer === FAILS });
    await sleep(chance.between(0, (2 * GAP_MS * KILLS) / TRANSFERS));
  }
  return submitted;
}

/** After each share of the transfers kills a worker, and now and then pauses another one. */
async function submitAndDisturb(world: World, processes: Processes, workers: Process[], chance: Chance) {
  const ready = [...workers];
  const submitted: Submitted[] = [];
  const pending: Promise<unknown>[] = [];
  const start = async () => void ready.push(await processes.startReady('worker'));
  const pause = async (sleeper: Process) => {
    sleeper.kill('SIGSTOP');
    await sleep(PAUSE_MS);
    sleeper.kill('SIGCONT');
    ready.push(sleeper);
  };
  const takeOne = async (): Promise<Process> => {
    while (ready.length === 0) await Promise.race(pending.splice(0, 1));
    const victim = chance.pick(ready);
    ready.splice(ready.indexOf(victim), 1);
    return victim;
  };
  for (let kills = 1; kills <= KILLS; kills += 1) {
    submitted.push(...(await submitSome(world, chance)));
    (await takeOne()).kill('SIGKILL');
    pending.push(start());
    if (kills % PAUSE_EVERY === 0) pending.push(pause(await takeOne()));
  }
  await Promise.all(pending);
  return submitted;
}

/** Waits until each has ended, or is left to an operator. */
async function ends(world: World, ids: string[]): Promise<StoredTransfer[]> {
  const transfers: StoredTransfer[] = [];
  const isOver = ({ record }: StoredTransfer) => record.outcome !== null || record.parked;
  for (const id of ids) transfers.push(await world.until(id, isOver, 180_000));
  return transfers;
}

/** All requests, those of tokens included, since the log was cleared. */
function costOf({ sandbox }: World, transfers: number): string {
  const counts = Object.entries(sandbox.requests.counts()).filter(([, count]) => count > 0);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  return `${(all / transfers).toFixed(2)} requests per transfer: ${JSON.stringify(Object.fromEntries(counts))}`;
}

test(`the Platform API: ${TRANSFERS} transfers, ${KILLS} kills, pauses, lost answers, readings up to 6 s old: none lost, none moved twice`, {
  timeout: LONG ? 1_800_000 : 240_000,
}, async () => {
  const { world, processes, close } = await openFaultWorld({
    GENESYS_API: 'platform',
    GENESYS_TIMEOUT_MS: '3000',
    SETTLE_WINDOW_MS: String(SETTLE_WINDOW_MS),
    READ_LAG_MS: String(READ_LAG_MS),
    UNCONFIRMED_MAX_MS: String(UNCONFIRMED_MAX_MS),
    TRANSFER_CONCURRENCY: '20',
    // Empty: the defaults.
    USER_CACHE_TTL_MS: '',
    QUEUE_CACHE_TTL_MS: '',
  });
  onTestFinished(close);
  const chance = takeChance('kills on the Platform API');
  const { sandbox } = world;
  sandbox.changeSettings({ latencyMs: { min: 1, max: 20 } });
  sandbox.platform.directory.users.put('agent', {
    permissions: ['conversation:communication:blindTransferQueue'],
  });
  for (const id of QUEUES) sandbox.platform.directory.queues.put(id, { onQueueUsers: { IDLE: 2 } });
  const workers = await processes.startWorkers(WORKERS);

  for (const lagMs of [0, READ_LAG_MS]) {
    sandbox.requests.clear();
    sandbox.changeSettings({ readLagMs: { min: 0, max: lagMs } });
    const calm: string[] = [];
    for (let index = 0; index < CALM; index += 1) calm.push(await submitOne(world, chance, undefined));
    const transfers = await ends(world, calm);
    console.log(`undisturbed, readings up to ${lagMs} ms old: ${costOf(world, CALM)}`);
    expect(contradictions(sandbox, transfers)).toEqual([]);
  }
  sandbox.requests.clear();
  sandbox.platform.changeSettings({ command: { afterMs: { min: 50, max: LATEST_MS } } });

  const submitted = await submitAndDisturb(world, processes, workers, chance);
  const disturbed = await ends(
    world,
    submitted.map(({ id }) => id),
  );
  const again = disturbed.filter(({ record }) => record.interruptions > 0).length;
  console.log(`${JSON.stringify(tally(disturbed))}, ${again} lost a worker; ${costOf(world, TRANSFERS)}`);
  const ended = disturbed.filter(({ record }) => !record.parked);
  expect(contradictions(sandbox, ended)).toEqual([]);
  const fails = new Map(submitted.map((one) => [one.id, one.fails]));
  const wrong = ended.filter(
    ({ record }) => record.status !== (fails.get(record.id) ? 'failed' : 'transferred'),
  );
  expect(wrong).toEqual([]);
  const left = disturbed.filter(({ record }) => record.parked);
  const leftWrongly = left.filter(
    ({ record: { request } }) =>
      request?.mode !== 'attended' || sandbox.ledger.entries(request.callId).length > 0,
  );
  expect(leftWrongly).toEqual([]);
  expect(left.length).toBeGreaterThan(0);
  expect(again).toBeGreaterThan(0);
});
