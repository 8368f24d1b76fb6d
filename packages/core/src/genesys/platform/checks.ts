import { z } from 'zod';
import { type Check, type Finding, failed, ok, skipped, warning } from '../../checks/check.ts';
import { hostOf } from '../../checks/connection.ts';
import { describeFailure } from '../../transfer/classify.ts';
import type { CheckParts, DialectChecks } from '../dialect.ts';
import { failureOf, Text } from '../http/answers.ts';
import { type Conversation, isAgent, isConnected } from './conversation.ts';
import { errorWords } from './errors.ts';
import { covers, permissionsFor } from './permissions.ts';

const Named = z.looseObject({ id: Text, name: z.string().nullish() });
const Token = z.looseObject({ organization: Named.nullish(), OAuthClient: Named.nullish() });
const Grant = z.looseObject({
  division: Named.nullish(),
  role: z
    .looseObject({
      policies: z
        .array(
          z.looseObject({
            domain: z.string().nullish(),
            entityName: z.string().nullish(),
            actions: z.array(z.string()).nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});
const Subject = z.looseObject({ grants: z.array(Grant).nullish() });
const Queue = z.looseObject({ id: Text, name: z.string().nullish(), division: Named.nullish() });
const Limits = z.looseObject({
  entities: z.array(z.looseObject({ key: z.string(), value: z.number() })).nullish(),
});

type Division = z.infer<typeof Named>;
/** What the client may do: each permission with the division where. */
type Granted = { permission: string; division: Division }[];

const ACCESS = { id: 'access', words: 'a token that the API accepts' };
const EVERYWHERE = '*';
const ROLES = 'Admin › Integrations › OAuth › Roles of this client';
const HOLD_FIRST = 'whoever changes the client must hold the role first';
const OTHER_REGION =
  'compare the address of your Genesys page (apps.euw2.pure.cloud → GENESYS_REGION=eu-west-2)';

/** One thing that the client may do; of each list of permissions it needs any one. `isMove`: it moves calls. */
type Feature = { id: string; what: string; isMove?: true; allOf: string[][] };

const FEATURES: Feature[] = [
  { id: 'queues', what: 'Moves to queues', isMove: true, allOf: [permissionsFor('queue')] },
  { id: 'agents', what: 'Moves to agents', isMove: true, allOf: [permissionsFor('user')] },
  {
    id: 'external-contacts',
    what: 'Moves to external contacts',
    isMove: true,
    allOf: [permissionsFor('externalContact')],
  },
  { id: 'numbers', what: 'Moves to numbers', isMove: true, allOf: [permissionsFor('address')] },
  {
    id: 'queue-figures',
    what: 'Reading of queues',
    allOf: [['routing:queue:view'], ['analytics:queueObservation:view']],
  },
  {
    id: 'opening-hours',
    what: 'Opening hours',
    allOf: [['routing:scheduleGroup:view'], ['routing:schedule:view'], ['routing:emergencyGroup:view']],
  },
  { id: 'skills', what: 'Skills of a call', allOf: [['routing:conversation:edit']] },
  {
    id: 'wrap-up',
    what: 'Wrap-up codes',
    allOf: [['conversation:participant:wrapup'], ['conversation:communication:view']],
  },
  { id: 'agents-permissions', what: "Agents' permissions", allOf: [['authorization:grant:view']] },
];
const MOVE_TO_QUEUES = permissionsFor('queue');
/** Without these, moves to queues are refused. */
const WITH_QUEUES = 'queue-figures';

const TOKEN_LIMITS = ['client.credentials.token.rate.per.minute', 'token.rate.per.minute'];
/** From this share on, what others spend of the limit is worth a warning. */
const MUCH = 0.1;

/** The checks of a live organisation over the Platform API. */
export const platformChecks: DialectChecks = {
  path: '/api/v2/tokens/me',

  tokenRefused(status, words, { baseUrl, loginUrl = baseUrl }) {
    const host = hostOf(loginUrl);
    if (words === undefined)
      return failed(
        `${host} answers ${status}, and not as a login host of Genesys does`,
        'correct GENESYS_REGION and GENESYS_LOGIN_URL, or let requests to it pass',
      );
    const refused = `${host} refused this client (${words})`;
    if (/^(unauthorized_client|unsupported_grant_type)\b/.test(words))
      return failed(
        `${refused}: this client may not use client credentials`,
        'under Admin › Integrations › OAuth its grant type must be Client Credentials',
      );
    if (!words.startsWith('invalid_client'))
      return failed(refused, `correct the OAuth client, or ${OTHER_REGION}`);
    if (words.includes('authentication failed'))
      return failed(
        refused,
        `the secret is wrong (GENESYS_CLIENT_SECRET), or the client lives in another region: ${OTHER_REGION}`,
      );
    return failed(
      refused,
      `either id or secret is wrong (GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET), or the client lives in another region: ${OTHER_REGION}`,
    );
  },

  tokenAccepted({ data }) {
    const { data: token } = Token.safeParse(data);
    const organisation =
      token?.organization?.name ?? token?.organization?.id ?? 'an organisation without a name';
    const client = token?.OAuthClient?.name ?? token?.OAuthClient?.id;
    return ok(client === undefined ? organisation : `${organisation}, as the client ${client}`);
  },

  wrongAgent: (id) =>
    id.includes('@')
      ? failed(
          'is an e-mail address, and userId must be the id of a user',
          "take the id from the address of the agent's page under Admin › People",
        )
      : undefined,

  agentsOn: ({ seen }) =>
    (seen as Conversation).participants
      .filter((leg) => isConnected(leg) && isAgent(leg))
      .flatMap(({ user }) => user?.id ?? []),

  more: (parts) => {
    const role = createRole(parts);
    return [
      {
        id: 'role',
        what: 'Role of the client',
        needs: ACCESS,
        run: role.read,
      },
      ...FEATURES.map(
        (feature): Check => ({
          id: `permission:${feature.id}`,
          what: feature.what,
          needs: { id: 'role', words: 'the role of the client' },
          run: async () => judge(feature, role.granted()),
        }),
      ),
      ...parts.queues.map(
        (id): Check => ({
          id: `queue:${id}`,
          what: `Queue ${id}`,
          needs: ACCESS,
          after: ['role'],
          run: () => checkQueue(parts, id, role.granted()),
        }),
      ),
      {
        id: 'limits',
        what: 'Limits',
        needs: ACCESS,
        run: () => checkLimits(parts),
      },
      {
        id: 'others',
        what: 'Other users of the client',
        needs: ACCESS,
        run: async () => othersIn(parts),
      },
      {
        id: 'events',
        what: 'Events',
        run: async () => skipped('no events: each transfer costs about one more request'),
      },
      {
        id: 'consults',
        what: 'Consults',
        run: async () =>
          skipped(
            "a consult needs the agent's own token; client credentials cannot start one: use transferType blind with mode attended",
          ),
      },
    ];
  },
};

async function ask({ probe }: Pick<CheckParts, 'probe'>, operation: string, path: string) {
  const answer = await probe.ask({ operation, method: 'GET', path });
  if (!answer.answered) return { said: undefined, status: 0, why: describeFailure(answer.failure) };
  if (answer.status === 200) return { said: answer.data, status: 200, why: '' };
  const why = describeFailure(failureOf(answer, errorWords(answer.data)));
  return { said: undefined, status: answer.status, why };
}

/** Reads what the client may do, and where. */
function createRole(parts: CheckParts) {
  let granted: Granted | undefined;

  /** The request for oneself is the newer one; the other wants a permission. */
  async function subject() {
    const own = await ask(parts, 'subject', '/api/v2/authorization/subjects/me');
    if (own.said !== undefined) return own;
    const { said } = await ask(parts, 'token-info', platformChecks.path);
    const id = Token.safeParse(said).data?.OAuthClient?.id;
    if (id === undefined) return own;
    return ask(parts, 'subject', `/api/v2/authorization/subjects/${encodeURIComponent(id)}`);
  }

  return {
    granted: () => granted ?? [],
    async read(): Promise<Finding> {
      const { said, why } = await subject();
      const parsed = Subject.safeParse(said);
      if (!parsed.success)
        return failed(
          `Genesys does not tell what the client may do: ${why || 'the answer has another form'}`,
          `give the client a role with authorization:grant:view under ${ROLES}; ${HOLD_FIRST}`,
        );
      granted = grantedIn(parsed.data);
      if (granted.length === 0)
        return failed(
          'the client has no role, or one without permissions',
          `give it one under ${ROLES}; ${HOLD_FIRST}`,
        );
      return ok(`covers ${wordsOf(granted.map(({ division }) => division))}`);
    },
  };
}

function grantedIn({ grants }: z.infer<typeof Subject>): Granted {
  return (grants ?? []).flatMap(({ division, role }) =>
    (role?.policies ?? []).flatMap(({ domain, entityName, actions }) =>
      (actions ?? []).map((action) => ({
        permission: `${domain ?? ''}:${entityName ?? ''}:${action}`,
        division: division ?? { id: EVERYWHERE },
      })),
    ),
  );
}

/** Where the client has any one of these permissions. */
function divisionsWith(granted: Granted, anyOf: readonly string[]): Division[] {
  return granted
    .filter(({ permission }) => anyOf.some((wanted) => covers([permission], wanted)))
    .map(({ division }) => division);
}

function wordsOf(divisions: Division[]): string {
  const names = new Map(divisions.map(({ id, name }) => [id, name ?? id]));
  return names.has(EVERYWHERE) ? 'all divisions' : [...names.values()].join(', ');
}

/** A permission that is missing fails what moves to queues need, or all moves; else it is a warning: not everybody needs it. */
function judge({ id, isMove, allOf }: Feature, granted: Granted): Finding {
  const missing = allOf.filter((anyOf) => divisionsWith(granted, anyOf).length === 0);
  if (missing.length === 0)
    return ok(`granted in ${wordsOf(allOf.flatMap((one) => divisionsWith(granted, one)))}`);
  const lists = missing.map((anyOf) => anyOf.join(' or '));
  const canMove = FEATURES.some((one) => one.isMove && divisionsWith(granted, one.allOf.flat()).length > 0);
  const toQueues = divisionsWith(granted, MOVE_TO_QUEUES).length > 0;
  const isNeeded = isMove ? !canMove : id === WITH_QUEUES && toQueues;
  const say = isNeeded ? failed : warning;
  return say(`the client lacks ${lists.join(', and ')}`, `add it to a role under ${ROLES}; ${HOLD_FIRST}`);
}

async function checkQueue(parts: CheckParts, id: string, granted: Granted): Promise<Finding> {
  const { said, status, why } = await ask(parts, 'queue', `/api/v2/routing/queues/${encodeURIComponent(id)}`);
  if (status === 404)
    return failed(
      'unknown, or in a division that the client cannot see',
      `correct the id, or add the division of the queue under ${ROLES}`,
    );
  if (status === 403)
    return failed(why, `give the client routing:queue:view in the division of the queue under ${ROLES}`);
  const parsed = Queue.safeParse(said);
  if (!parsed.success) return failed(why || 'the answer has another form', 'try again');
  const { name, division } = parsed.data;
  const named = name == null ? '' : `"${name}" `;
  const reach = divisionsWith(granted, MOVE_TO_QUEUES);
  const isCovered =
    division == null || reach.some(({ id: reached }) => reached === EVERYWHERE || reached === division.id);
  const where = division?.name ?? division?.id ?? 'no division';
  if (!isCovered && granted.length > 0)
    return failed(
      `${named}lies in division ${where}; the client's role to move calls covers ${wordsOf(reach) || 'none'}`,
      `add division ${where} under ${ROLES}`,
    );
  const reading = await parts.transfers.readTarget({ type: 'queue', id }, new AbortController().signal);
  if (!reading.ok)
    return failed(
      `${named}in division ${where}: ${describeFailure(reading.failure)}`,
      `give the client analytics:queueObservation:view under ${ROLES}`,
    );
  const { open, state } = reading.value;
  if (open) return ok(`${named}in division ${where}, ${state}`);
  return warning(
    `${named}in division ${where}, ${state}`,
    'until that changes, transfers to it use the fallback or are rejected',
  );
}

async function checkLimits(parts: CheckParts): Promise<Finding> {
  const { budget } = parts;
  const { said, why } = await ask(parts, 'limits', '/api/v2/organizations/limits/namespaces/platform.api');
  const { data } = Limits.safeParse(said);
  const limits = new Map((data?.entities ?? []).map(({ key, value }) => [key, value]));
  const known = [...TOKEN_LIMITS.flatMap((key) => limits.get(key) ?? []), parts.probe.spent?.allowed];
  const told = known.filter((value) => value !== undefined);
  if (told.length === 0)
    return warning(
      `Genesys does not tell its limits${why === '' ? '' : `: ${why}`}`,
      `keep GENESYS_REQUESTS_PER_MINUTE at what the organisation allows (by default 300)`,
    );
  const limit = Math.min(...told);
  if (budget === 0)
    return warning(
      `Genesys allows ${limit} requests per minute, and there is no budget`,
      `set GENESYS_REQUESTS_PER_MINUTE=${Math.min(limit, 300)}`,
    );
  if (budget <= limit) return ok(`Genesys allows ${limit} requests per minute; the budget is ${budget}`);
  return warning(
    `the budget of ${budget} requests per minute is above the limit of ${limit}`,
    `set GENESYS_REQUESTS_PER_MINUTE=${limit}, or ask Genesys for a higher limit`,
  );
}

/** What the first answer to the new token says that was spent before it. */
function othersIn({ probe: { spent } }: CheckParts): Finding {
  if (spent === undefined) return skipped('Genesys does not tell how many requests were spent');
  const { count, allowed } = spent;
  const before = count - 1;
  if (before <= 0) return ok('nobody spent requests of this client in the last minute');
  if (before < MUCH * allowed) return ok(`spent ${before} of ${allowed} requests in the last minute`);
  return warning(
    `somebody else spends this client's requests: ${before} of ${allowed} before we asked`,
    'give Handover a client of its own (its own workers count, too, where they run)',
  );
}
