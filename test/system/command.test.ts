import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { billOf, enterBill } from '../http/billing-data.ts';
import { openStage, prepare, type Ran, runCommand, type Stage } from '../support/command.ts';
import { freePort } from '../support/ports.ts';

const OPERATOR = { HANDOVER_API_KEY: 'the-key-of-ops' };
const LOGIN = { HANDOVER_API_KEY: '', ADMIN_USER: 'operator', ADMIN_PASSWORD: 'the-password' };
const SECRETS = ['the-key-of', 'the-password', 'wrong-key', 'wrong-password'];

let stage: Stage;
const told: Ran[] = [];
beforeAll(async () => {
  stage = await openStage('crm=the-key-of-crm,ops:operate=the-key-of-ops,bi:read=the-key-of-bi');
});
afterAll(() => stage.close());

type How = Parameters<typeof runCommand>[2];
const run = async (args: string[], how: How = {}): Promise<Ran> => {
  const ran = await runCommand(stage, args, how);
  told.push(ran);
  return ran;
};
const onTerminal = (args: string[], how: How = {}) => run(args, { ...how, isTerminal: true });
const jsonOf = ({ out }: Ran) => JSON.parse(out);

/** The arguments of a submission in such a scenario. */
async function submission(scenario: string, more: string[] = []): Promise<string[]> {
  const { callId, userId, targetQueueId } = await prepare(stage, scenario);
  return ['submit', '--call', callId, '--user', userId, '--target', `queue:${targetQueueId}`, ...more];
}

/** Submits something that waits; gives its id. */
async function waitingTransfer(): Promise<string> {
  return jsonOf(await run(await submission('plain', ['--not-before', '+1h']))).id;
}

describe('submit', () => {
  test('in a pipe prints the answer as JSON, and on a terminal what to do next', async () => {
    const accepted = await run(await submission('plain'));
    expect(accepted).toMatchObject({ code: 0, err: '' });
    expect(jsonOf(accepted)).toEqual({ id: expect.any(String), status: 'queued' });
    const { code, out } = await onTerminal(await submission('plain'));
    expect(code).toBe(0);
    expect(out).toMatch(/^Accepted as (\S+): queued\.\nhandover watch \1 {2}follows it to its end\.\n$/);
  });

  test('waits for the outcome: 0 if the call was moved, 1 if not, with progress on a terminal only', async () => {
    const moved = await onTerminal(
      await submission('plain', ['--wait', '30', '--consult', '--priority', '9']),
    );
    expect(moved).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The call was moved to queue sales\.\n/),
    });
    expect(moved.err).toContain('waiting for its outcome');
    const refused = await run(await submission('private-call', ['--wait', '30']));
    expect(refused).toMatchObject({ code: 1, err: '' });
    expect(jsonOf(refused)).toMatchObject({
      outcome: { reason: 'call-is-private' },
      timeline: expect.anything(),
    });
    const tooLong = await run(await submission('plain', ['--wait', '1', '--not-before', '+1h']));
    expect(tooLong).toMatchObject({ code: 1, out: '' });
    expect(tooLong.err).toContain('had no outcome within 1000 ms. It goes on.');
    const interruption = new AbortController();
    const onText = (text: string) => {
      if (text.includes('waiting for its outcome')) interruption.abort();
    };
    const later = await submission('plain', ['--wait', '30', '--not-before', '+1h']);
    const left = await onTerminal(later, { signal: interruption.signal, onText });
    expect(left).toMatchObject({ code: 130, err: expect.stringMatching(/Accepted as \S+; it goes on\./) });
  });

  test('the same idempotency key gets the same transfer', async () => {
    const args = await submission('plain', ['--idempotency-key', 'one', '--metadata', 'case=4711']);
    expect(jsonOf(await run(args)).id).toBe(jsonOf(await run(args)).id);
  });

  test.each([
    [['--target', 'que:sales'], 'Did you mean queue?'],
    [['--target', 'sales'], '--target must be <type>:<id>'],
    [['--target', 'queue:a', '--wait', '0'], '--wait must be a whole number'],
    [['--target', 'queue:a', '--expires-at', 'tomorrow'], '--expires-at must be a time'],
    [['--traget', 'queue:a'], 'Did you mean --target?'],
    [[], '--target is missing'],
    [['--target', 'queue:a', '--expires-at', '2020-01-01T00:00:00Z'], 'expiresAt'],
  ])('%j is wrong usage', async (more, words) => {
    const { code, out, err } = await run(['submit', '--call', 'c', '--user', 'u', ...more]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(words);
  });
});

describe('watch', () => {
  test('tells one transfer to its end: text on a terminal, JSON lines in a pipe', async () => {
    const { id } = jsonOf(await run(await submission('lost-answer')));
    const { code, out } = await onTerminal(['watch', id]);
    expect(code).toBe(0);
    expect(out).toMatch(/^Transfer \S+\n +\+0\.0 s {2}The API key crm asked to move call/);
    expect(out).toMatch(/That proves that the call was moved: .*\n.*It ended as transferred.*\n/);
    expect(out).toMatch(/The call was moved to queue sales, as a later reading of the call showed\.\n$/);
    const lines = (await run(['watch', id])).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ type: 'timeline', data: { step: 'accepted' } });
    expect(lines.at(-1)).toMatchObject({ type: 'outcome', data: { status: 'transferred' } });
  });

  test('is 1 for a call that was not moved', async () => {
    const { id } = jsonOf(await run(await submission('private-call')));
    expect((await run(['watch', id])).code).toBe(1);
  });

  test.each([true, false])(
    'without an id shows every change until Ctrl-C (terminal: %s)',
    async (isTerminal) => {
      const interruption = new AbortController();
      const args = await submission('plain');
      let submitted: Promise<Ran> | undefined;
      const onText = (text: string) => {
        if (/ready|Waiting for changes/.test(text)) submitted ??= run(args);
        if (/call was moved/.test(text)) interruption.abort();
      };
      const { code, out } = await run(['watch'], { isTerminal, signal: interruption.signal, onText });
      expect(code).toBe(130);
      const { id } = jsonOf((await submitted) as Ran);
      if (isTerminal)
        expect(out).toMatch(new RegExp(`^[\\d:]{8}  ${id}  transferred  The call was moved`, 'm'));
      else
        expect(
          out
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line).type),
        ).toContain('transfer');
    },
  );
});

describe('list', () => {
  test('filters, as a table and as JSON', async () => {
    const id = await waitingTransfer();
    const { code, out } = await onTerminal(['list', '--status', 'delayed', '--limit', '1']);
    expect(code).toBe(0);
    const [head, row, ...rest] = out.trim().split('\n');
    expect(head).toMatch(/^ACCEPTED \(UTC\) +ID +STATUS +REASON +CALL +AGENT +TARGET +KEY$/);
    expect(row).toMatch(
      new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d +${id} +delayed .* queue sales +crm$`),
    );
    expect(rest).toEqual([]);
    const listed = jsonOf(await run(['list', '--status', 'delayed', '--key', 'crm', '--target', 'sales']));
    expect(listed).toMatchObject({
      more: false,
      items: expect.arrayContaining([expect.objectContaining({ id })]),
    });
    expect(listed.items.every(({ status }: { status: string }) => status === 'delayed')).toBe(true);
  });

  test('says that there is more, and shows all of it on demand', async () => {
    await Promise.all([waitingTransfer(), waitingTransfer()]);
    expect(jsonOf(await run(['list', '--limit', '1']))).toMatchObject({
      more: true,
      items: [expect.anything()],
    });
    expect((await onTerminal(['list', '--limit', '1'])).err).toContain('There are more: --all');
    const all = jsonOf(await run(['list', '--all', '--from', '2020-01-01']));
    expect(all.items.length).toBeGreaterThan(2);
    expect(all.more).toBe(false);
  });

  test('nothing is an empty list', async () => {
    expect(jsonOf(await run(['list', '--call', 'nowhere']))).toEqual({ items: [], more: false });
    const { out, err } = await onTerminal(['list', '--call', 'nowhere']);
    expect({ out, err }).toMatchObject({ out: '', err: 'No transfer matches.\n' });
  });

  test('what the API finds wrong is wrong usage', async () => {
    const { code, err } = await run(['list', '--status', 'nonsense']);
    expect(code).toBe(2);
    expect(err).toContain('status');
  });
});

describe('explain', () => {
  test('tells what happened, and the bill', async () => {
    const { id, timeline } = jsonOf(await run(await submission('etag-conflict', ['--wait', '30'])));
    await enterBill(stage.api, billOf({ id, timestamp: timeline.at(-1).at }));
    const { code, out } = await onTerminal(['explain', id]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Transfer \S+\nThe call was moved to queue sales\.\n\n +\+0\.0 s {2}The API key crm asked/,
    );
    expect(out).toContain('the platform answered 409');
    expect(out).toMatch(/\n\nIt is billed as TRANSFER_BLIND\.\n$/);
    const told = jsonOf(await run(['explain', id]));
    expect(told).toMatchObject({ id, status: 'transferred', follows: ['It is billed as TRANSFER_BLIND.'] });
    expect((await run(['explain', id, '--text'])).out).toBe(out);
  });

  test('an unknown transfer is a failure, no id is wrong usage', async () => {
    expect(await run(['explain', 'nobody'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('nobody'),
    });
    expect((await run(['explain'])).code).toBe(2);
    expect((await run(['explain', 'a', 'b'])).code).toBe(2);
  });
});

test('cancel ends what waits; a second transfer that has ended is not cancelled', async () => {
  const [one, other] = await Promise.all([waitingTransfer(), waitingTransfer()]);
  expect(jsonOf(await run(['cancel', one]))).toMatchObject({ id: one, status: 'cancelled' });
  expect(await onTerminal(['cancel', other])).toMatchObject({
    ...{ code: 0, out: expect.stringContaining('was cancelled by apiKey:crm') },
  });
  const why = jsonOf(await run(['cancel', await waitingTransfer(), '--because', 'the caller hung up']));
  expect(why.timeline.at(-1)).toMatchObject({ decided: 'cancelled', detail: 'the caller hung up' });
  const { id } = jsonOf(await run(await submission('plain', ['--wait', '30'])));
  expect(await run(['cancel', id])).toMatchObject({ code: 1, out: '' });
});

describe('dead letters', () => {
  test('replay has one tried again, resolve settles one that is in doubt', async () => {
    const park = async () => {
      const { callId, userId } = await prepare(stage, 'plain');
      const { sandbox } = stage.world;
      sandbox.addScript({ operation: 'transfer', id: callId, steps: [{ drop: 'before' }] });
      const ran = await run(['submit', '--call', callId, '--user', userId, '--target', 'queue:sales']);
      const { id } = jsonOf(ran);
      await stage.world.until(id, ({ timeline }) => timeline.some(({ step }) => step === 'waiting'));
      sandbox.actOnCall(callId, { action: 'hang-up' });
      await stage.world.until(id, ({ record }) => record.parked);
      return id;
    };
    const [doubtful, parked] = await Promise.all([park(), park()]);

    const why = ['--because', 'Genesys is well again'];
    expect(await run(['replay', doubtful, ...why])).toMatchObject({
      ...{ code: 4, err: expect.stringContaining('operate') },
    });
    expect(await run(['replay', doubtful], { env: OPERATOR })).toMatchObject({
      ...{ code: 2, err: expect.stringContaining('--because is missing') },
    });
    expect(jsonOf(await run(['replay', doubtful, ...why], { env: OPERATOR }))).toMatchObject({
      id: doubtful,
    });
    expect(await onTerminal(['replay', 'nobody', ...why], { env: LOGIN })).toMatchObject({
      code: 1,
      out: '',
    });

    expect((await run(['resolve', parked, ...why], { env: LOGIN })).code).toBe(2);
    expect(await onTerminal(['resolve', parked, '--not-moved', ...why], { env: LOGIN })).toMatchObject({
      ...{ code: 0, out: expect.stringMatching(/an operator has confirmed .*Genesys is well again/) },
    });

    const many = await Promise.all([park(), park()]);
    const filter = ['--kind', 'unconfirmed', '--key', 'crm', '--because', 'the agents were asked'];
    const preview = jsonOf(await run(['resolve', '--not-moved', ...filter, '--dry-run'], { env: LOGIN }));
    expect(preview).toMatchObject({ dryRun: true, ids: expect.arrayContaining(many) });
    const done = await onTerminal(['resolve', '--not-moved', ...filter], { env: LOGIN });
    expect(done).toMatchObject({ code: 0, out: `${preview.total} of ${preview.total} resolved.\n` });
    expect(jsonOf(await run(['replay', ...filter], { env: LOGIN }))).toMatchObject({
      status: 'done',
      total: 0,
    });
  });
});

describe('simulate', () => {
  test('moves a simulated call, or tells why not', async () => {
    const { code, out } = await onTerminal(['simulate', '--scenario', 'lost-answer']);
    expect(code).toBe(0);
    expect(out).toMatch(/no answer: .*\n[\s\S]*\nMoved to queue queue-support\.\n$/);
    const closed = await run(['simulate', '--scenario', 'queue-closed']);
    expect(jsonOf(closed)).toMatchObject({ status: 'transferred', isFallback: true });
    const refused = await onTerminal(['simulate', '--scenario', 'private-call']);
    expect(refused).toMatchObject({ code: 1, out: expect.stringMatching(/\nNot moved: .*private.*\.\n$/) });
    expect(jsonOf(await run(['simulate', '--scenario', 'no-permission']))).toMatchObject({
      ...{ code: 'simulated-transfer-refused', reason: 'not-permitted' },
    });
    expect((await run(['simulate', '--scenario', 'nonsense'])).code).toBe(2);
    const practised = await run(['simulate', '--trainee', 'ann', '--class', 'monday', '--consult']);
    expect(jsonOf(practised).run).toMatchObject({ trainee: 'ann', class: 'monday', met: true });
    expect((await onTerminal(['simulate', '--scenarios'])).out).toMatch(/^SCENARIO .*\nplain +Everything/);
  });
});

describe('export', () => {
  const month = new Date().toISOString().slice(0, 7);

  test('writes the whole month to a file, or to standard output', async () => {
    await enterBill(stage.api, billOf());
    const folder = mkdtempSync(join(tmpdir(), 'handover-export-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'bills.csv');
    const written = await run(['export', '--month', month, '--out', file]);
    expect(written).toMatchObject({ code: 0, out: '' });
    const text = readFileSync(file, 'utf8');
    const rows = Number(/# rows=(\d+)\r\n$/.exec(text)?.[1]);
    expect(rows).toBeGreaterThan(0);
    expect(written.err).toBe(`${file} has all ${rows} rows of ${month}.\n`);
    expect(await run(['export', '--month', month])).toMatchObject({ code: 0, out: text, err: '' });
    const nowhere = await run(['export', '--month', month, '--out', join(folder, 'no', 'bills.csv')]);
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('--out cannot be written') });
  });

  test.each([
    [
      'a last line that is missing',
      'id,x\r\na,1\r\n',
      /NOT whole, do not use it: it ends after 1 rows without/,
    ],
    ['a number that is wrong', 'id,x\r\na,1\r\n# rows=2\r\n', /its last line says 2 rows, and there are 1/],
    ['rows that are gone', 'id,x\r\n# incomplete: 7 more\r\n# rows=0\r\n', /incomplete: 7 more/],
  ])('%s fails loudly, and leaves no file', async (_, body, words) => {
    const server = createServer((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/csv' }).end(body),
    );
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    const folder = mkdtempSync(join(tmpdir(), 'handover-export-'));
    onTestFinished(() => {
      server.close();
      rmSync(folder, { recursive: true });
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const file = join(folder, 'bills.csv');
    const { code, err } = await runCommand({ url }, ['export', '--month', month, '--out', file]);
    expect(code).toBe(1);
    expect(err).toMatch(words);
    expect(() => readFileSync(file)).toThrow();
    expect((await runCommand({ url }, ['export', '--month', month])).out).toBe(body);
  });
});

describe('status', () => {
  test('is one sentence and the parts; JSON in a pipe', async () => {
    const { code, out } = await onTerminal(['status']);
    const asJson = await run(['status']);
    expect(jsonOf(asJson)).toMatchObject({ is: expect.any(String), redis: { is: 'fine' } });
    expect(code).toBe(jsonOf(asJson).is === 'trouble' ? 1 : 0);
    expect(out).toMatch(/^[✓…✗] .*\n\n✓ Redis +Redis answers/);
    expect(out).toMatch(/^[✓…✗] Workers +1 worker runs\.$/m);
  });
});

describe('with the API', () => {
  test('away, it says so at once', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    for (const args of [['status'], ['watch'], ['watch', 'a'], ['export', '--month', '2026-11']]) {
      const { code, out, err } = await runCommand({ url }, args);
      expect({ code, out }, args.join(' ')).toEqual({ code: 3, out: '' });
      expect(err).toContain(`Is the API running at ${url} (HANDOVER_URL)?`);
    }
    const broken = await runCommand({ url: 'nonsense' }, ['status']);
    expect(broken).toMatchObject({ code: 2, err: expect.stringContaining('HANDOVER_URL must be') });
    for (const env of [
      { HANDOVER_URL: 'http://me:the-password@127.0.0.1:1' },
      { HANDOVER_API_KEY: 'the-key-of\nmany' },
    ])
      expect(await run(['status'], { env })).toMatchObject({ code: 2, out: '' });
  });

  test('refusing the key or the login, it says so', async () => {
    for (const env of [{ HANDOVER_API_KEY: 'wrong-key' }, { ...LOGIN, ADMIN_PASSWORD: 'wrong-password' }])
      expect(await run(['list'], { env })).toMatchObject({
        ...{ code: 4, err: expect.stringContaining('Set HANDOVER_API_KEY') },
      });
    expect((await run(['list'], { env: LOGIN })).code).toBe(0);
    expect((await run(await submission('plain'), { env: { HANDOVER_API_KEY: 'the-key-of-bi' } })).code).toBe(
      4,
    );
  });
});

describe('the built command', () => {
  const bin = resolve(import.meta.dirname, '../../packages/cli/bin/handover.mjs');
  const env = () => ({ PATH: process.env.PATH, HANDOVER_URL: stage.url, HANDOVER_API_KEY: 'the-key-of-crm' });

  test('works in a pipe that is closed early, and ends with 130 after Ctrl-C', async () => {
    const shell = `"${process.execPath}" "${bin}" list --all --text | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { out, err } = await new Promise<{ out: string; err: string }>((done) => {
      execFile('bash', ['--norc', '-c', shell], { env: env() }, (_, out, err) => done({ out, err }));
    });
    expect(err).toBe('');
    expect(out).toMatch(/^ACCEPTED \(UTC\).*\n0\n$/);
    const child = spawn(process.execPath, [bin, 'watch'], {
      env: env(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.once('data', () => child.kill('SIGINT'));
    expect(await new Promise((done) => child.once('exit', done))).toBe(130);
  });
});

test('no secret was printed', () => {
  expect(told.length).toBeGreaterThan(20);
  for (const { out, err } of told) for (const secret of SECRETS) expect(out + err).not.toContain(secret);
});
