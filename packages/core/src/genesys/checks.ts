import { type Check, type Finding, failed, ok, skipped, warning } from '../checks/check.ts';
import { hostOf, noConnection } from '../checks/connection.ts';
import { describeFailure } from '../transfer/classify.ts';
import { type Target, type TargetType, targetTypes } from '../transfer/request.ts';
import type { WireAnswer } from '../wire/wire.ts';
import type { CheckParts, DialectDefinition, DialectName } from './dialect.ts';
import { openDialect } from './dialects.ts';
import { fieldsOf, intercepted, positiveNumber, type Said } from './http/answers.ts';
import type { OAuthClient } from './http/token.ts';
import type { Policies } from './policies.ts';
import { createProbe } from './probe.ts';

export type GenesysCheckOptions = {
  dialect: DialectName;
  baseUrl: string;
  loginUrl?: string | undefined;
  clientId: string;
  clientSecret: string;
  /** One check, and each of its requests, in ms. */
  timeoutMs: number;
  /** The budget of all workers, in requests per minute; 0 for none. */
  budget: number;
  policies?: Policies | undefined;
  /** What somebody wants checked, by id. */
  queues: readonly string[];
  agents: readonly string[];
  call?: string | undefined;
};

const LONGEST_WORDS = 500;
const TOKEN = { id: 'token', words: 'a token' };
const ACCESS = { id: 'access', words: 'a token that the API accepts' };
const { signal } = new AbortController();

type Parts = CheckParts & { dialect: DialectDefinition; oauth: OAuthClient; options: GenesysCheckOptions };

/**
 * The checks of the connection to Genesys, from the hosts to single queues, agents and calls. They send no secret but to the
 * configured login host, and nothing that changes anything. The caller closes them.
 */
export function openGenesysChecks(options: GenesysCheckOptions) {
  const { baseUrl, loginUrl, timeoutMs, budget, queues, agents, call } = options;
  const definition = openDialect(options.dialect);
  const probe = createProbe({ dialect: definition, baseUrl, timeoutMs });
  const { client, cache } = probe;
  const now = async () => Date.now();
  const { policies } = options;
  const { transfers } = definition.connect({ client, cache, userTtlMs: 1, queueTtlMs: 1, now, policies });
  const oauth = { id: options.clientId, secret: options.clientSecret, baseUrl, loginUrl };
  const parts: Parts = { dialect: definition, oauth, options, probe, transfers, queues, budget };
  const checks: Check[] = [
    { id: 'hosts', what: 'Genesys', run: () => checkHosts(parts) },
    {
      ...{ id: 'token', what: 'Token', needs: { id: 'hosts', words: 'the host of the API' } },
      run: () => checkToken(parts),
    },
    { id: ACCESS.id, what: 'Organisation', needs: TOKEN, run: () => checkAccess(parts) },
    ...definition.checks.more(parts),
    ...agents.map(
      (id): Check => ({
        id: `agent:${id}`,
        what: `Agent ${id}`,
        needs: ACCESS,
        run: () => checkAgent(parts, id),
      }),
    ),
    ...(call === undefined
      ? []
      : [{ id: `call:${call}`, what: `Call ${call}`, needs: ACCESS, run: () => checkCall(parts, call) }]),
  ];
  return {
    checks: checks.map((check) => ({ ...check, withinMs: timeoutMs })),
    /** Genesys' clock beside this machine's, once an answer told it. */
    clocks: () => probe.clocks,
    close: probe.close,
  };
}

/** The hosts, and whether the API answers there. */
async function checkHosts({ dialect, oauth, options, probe }: Parts): Promise<Finding> {
  const { baseUrl, loginUrl = baseUrl } = oauth;
  const wrong = dialect.checks.wrongHosts?.(oauth);
  if (wrong !== undefined) return wrong;
  const answer = await probe.ask({ operation: 'hosts', method: 'GET', path: dialect.checks.path });
  if (!answer.answered)
    return noConnection(
      { url: baseUrl, correct: 'correct GENESYS_REGION or GENESYS_BASE_URL' },
      wordsOf(answer),
    );
  if (dialect.errorWords(answer.data) === undefined)
    return failed(
      `${hostOf(baseUrl)}: ${describeFailure(intercepted(answer, 'JSON without a code'))}`,
      'correct GENESYS_REGION or GENESYS_BASE_URL, or let requests to it pass (redirects are not followed)',
    );
  const tokens = loginUrl === baseUrl ? '' : `, tokens at ${hostOf(loginUrl)}`;
  return ok(`the ${options.dialect} API answers at ${hostOf(baseUrl)}${tokens}`);
}

async function checkToken({ dialect, oauth, probe }: Parts): Promise<Finding> {
  if (oauth.id === '' || oauth.secret === '')
    return skipped('needs GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET');
  const { url, body, headers } = dialect.tokenRequest(oauth);
  const host = hostOf(url);
  const answer = await probe.send({ operation: 'token', method: 'POST', url, headers, body });
  if (!answer.answered)
    return noConnection({ url, correct: 'correct GENESYS_REGION or GENESYS_LOGIN_URL' }, wordsOf(answer));
  const { access_token: given, expires_in: life } = fieldsOf(answer.data);
  if (answer.status >= 200 && answer.status < 300 && typeof given === 'string' && given !== '') {
    probe.token = given;
    const hours = (positiveNumber(life) ?? 0) / 3_600;
    return ok(`${host} issues tokens${hours === 0 ? '' : `, valid for ${Number(hours.toFixed(1))} h`}`);
  }
  if (answer.status === 429) {
    const { retryAfterMs } = answer;
    const wait = retryAfterMs === undefined ? 'a minute' : `${Math.ceil(retryAfterMs / 1_000)} s`;
    return failed(
      `${host} limits requests for tokens (429)`,
      `wait ${wait}; workers share one token, so look for others that use this client`,
    );
  }
  const words = answer.status < 300 ? undefined : dialect.tokenErrorWords(answer.data);
  const shown = words?.slice(0, LONGEST_WORDS).replaceAll(oauth.secret, '…');
  return dialect.checks.tokenRefused(answer.status, shown, oauth);
}

/** The first request with the token. A 401 counts when it comes twice. */
async function checkAccess({ dialect, oauth, probe }: Parts): Promise<Finding> {
  const ask = () => probe.ask({ operation: 'access', method: 'GET', path: dialect.checks.path });
  let answer = await ask();
  if (answer.answered && answer.status === 401) answer = await ask();
  const host = hostOf(oauth.baseUrl);
  if (!answer.answered) return noConnection({ url: oauth.baseUrl, correct: 'try again' }, wordsOf(answer));
  if (answer.status === 401)
    return failed(
      `${host} answers 401 twice to a token that was issued just now`,
      'a proxy in between may strip the Authorization header: let it pass; or the hosts of API and login belong to different regions',
    );
  if (answer.status === 429)
    return failed(
      `${host} allows no more requests now (429)`,
      'wait a minute; if this stays, others spend the limit of this client: give Handover a client of its own',
    );
  const isAnswer = answer.status === 200 || dialect.errorWords(answer.data) !== undefined;
  if (answer.status < 500 && answer.status !== 403 && isAnswer) return dialect.checks.tokenAccepted(answer);
  return failed(`${host}: ${wordsOfStatus(dialect, answer)}`, 'try again; if this stays, ask Genesys');
}

async function checkAgent({ dialect, transfers }: Parts, id: string): Promise<Finding> {
  const wrong = dialect.checks.wrongAgent?.(id);
  if (wrong !== undefined) return wrong;
  const may: TargetType[] = [];
  const mayNot = new Map<string, TargetType[]>();
  for (const type of targetTypes) {
    const target = { type, id: '-' } as Target;
    const reading = await transfers.readAgent({ userId: id, target }, signal);
    if (!reading.ok) {
      const { failure } = reading;
      const isUnknown = failure.kind === 'answered' && failure.status === 404;
      return failed(
        isUnknown ? 'unknown, or in a division that the client cannot see' : describeFailure(failure),
        isUnknown ? 'correct the id: it is the userId of transfers' : 'see the checks above',
      );
    }
    const { mayTransfer, why } = reading.value;
    if (mayTransfer) may.push(type);
    else mayNot.set(why, [...(mayNot.get(why) ?? []), type]);
  }
  const lacks = [...mayNot].map(([why, types]) => `to ${types.join(', ')}: ${why}`).join('; ');
  if (may.length === 0)
    return failed(`may not transfer ${lacks}`, 'give the agent a role with one of these permissions');
  const state = await transfers.readTarget({ type: 'user', id }, signal);
  const now = state.ok ? `; ${state.value.state}` : '';
  return ok(`may transfer to ${may.join(', ')}${lacks === '' ? '' : `, not ${lacks}`}${now}`);
}

/** What a transfer of this call would find, for the agents that were named or else for those on it. Moves nothing. */
async function checkCall({ dialect, transfers, options }: Parts, callId: string): Promise<Finding> {
  const read = (userId: string) => transfers.readCall({ callId, userId }, signal);
  const first = await read(options.agents[0] ?? '');
  if (!first.ok)
    return failed(
      describeFailure(first.failure),
      'callId must be the id of a conversation that has not ended, of this region; a participant or communication id is none',
    );
  const on = options.agents.length > 0 ? options.agents : dialect.checks.agentsOn(first.value);
  const findings: Finding[] = [];
  for (const userId of on.length > 0 ? on : ['']) {
    const reading = userId === options.agents[0] ? first : await read(userId);
    if (!reading.ok) return failed(describeFailure(reading.failure), 'try again');
    const { ended, obstacle, state } = reading.value;
    if (ended) return failed(state, 'a transfer of it would be rejected: call-ended');
    if (reading.value.private)
      findings.push(failed(`is private (${state})`, 'a transfer of it would be rejected: call-is-private'));
    else if (obstacle !== undefined)
      findings.push(
        warning(
          obstacle.words,
          `a transfer of it would ${obstacle.is === 'not-yet' ? 'wait' : `be rejected: ${obstacle.is}`}`,
        ),
      );
    else findings.push(ok(`would be moved: ${state}`));
  }
  return findings.find(({ status }) => status === 'ok') ?? findings[0] ?? skipped('no agent is on it');
}

function wordsOf(answer: Extract<WireAnswer, { answered: false }>): string {
  return answer.failure.detail;
}

function wordsOfStatus(dialect: DialectDefinition, said: Said): string {
  const words = dialect.errorWords(said.data);
  if (words === undefined) return describeFailure(intercepted(said));
  return `${said.status} (${[words.code, words.message].filter(Boolean).join(': ')})`;
}
