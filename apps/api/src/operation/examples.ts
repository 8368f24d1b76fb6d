import type { Config } from '@handover/core/config';

type Example = {
  body?: unknown;
  parameters?: Record<string, string>;
  /** Operations that take an id of this one's answer, and where it stands there (RFC 6901). */
  leadsTo?: Record<string, string>;
};
type Operation = {
  operationId?: string;
  parameters?: { name: string; example?: unknown }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, { links?: object }>;
};

/** Ids of the sandbox's world as it is at its start, by their number. */
const WORLDS = {
  voice: {
    call: (number: number) => `call-${number}`,
    agent: (number: number) => `agent-${number}`,
    queue: 'queue-support',
    fallback: 'queue-sales',
  },
  platform: {
    call: (number: number) => `c0000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    agent: (number: number) => `a0000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    queue: '90000000-0000-4000-8000-000000000001',
    fallback: '90000000-0000-4000-8000-000000000002',
  },
} satisfies Record<Config['genesys']['dialect'], object>;

/** Examples by operation, which succeed against the sandbox as it is after `npm start`. */
function examplesOf(dialect: Config['genesys']['dialect']): Record<string, Example> {
  const { call, agent, queue, fallback } = WORLDS[dialect];
  const transfer = (number: number) => ({
    ...{ callId: call(number), userId: agent(number), transferType: 'blind' },
    target: { type: 'queue', id: queue },
  });
  const reason = 'The receiver was repaired.';
  return {
    submitTransfer: {
      body: { ...transfer(1), fallback: { type: 'queue', id: fallback }, metadata: { case: '4711' } },
      parameters: { prefer: 'wait=10' },
      leadsTo: { getTransfer: '/id', streamTransfer: '/id' },
    },
    submitTransfers: { body: { transfers: [transfer(2), transfer(3)] } },
    replayDeadLetter: { body: { reason } },
    resolveDeadLetter: { body: { happened: true, reason: 'The caller was heard in the queue.' } },
    replayDeadLetters: {
      body: { filter: { reason: 'platform-unavailable' }, reason: 'The outage is over.', dryRun: true },
    },
    resolveDeadLetters: {
      body: {
        ...{ filter: { kind: 'unconfirmed' }, happened: false },
        ...{ reason: 'The agents were asked.', dryRun: true },
      },
    },
    stopAction: { body: { reason: 'Genesys fails again.' } },
    pauseQueue: { parameters: { name: 'transfers' }, body: { reason: 'The billing system moves.' } },
    resumeQueue: { parameters: { name: 'transfers' }, body: { reason: 'The billing system has moved.' } },
    simulateTransfer: {
      body: {
        ...{ userId: 'agent-1', callId: 'practice-1', targetQueueId: 'queue-1' },
        ...{ fallbackQueueId: 'queue-2', scenario: 'queue-closed', trainee: 'Ann' },
      },
      leadsTo: { getTrainingRun: '/run/id' },
    },
    receiveEvent: {
      body: {
        ...{ id: 'event-1', type: 'voice.call.updated', timestamp: '2026-11-20T08:00:00Z' },
        event_data: { id: call(20), transferType: 'blind', target: { id: queue } },
      },
    },
    getProblem: { parameters: { code: 'call-already-in-transfer' } },
    exportBilling: { parameters: { month: '2026-11' } },
  };
}

/** The document with the examples of this dialect, and with links from an answer to what can be done with it. */
export function withExamples<D extends { paths?: object }>(
  document: D,
  dialect: Config['genesys']['dialect'],
): D {
  const examples = examplesOf(dialect);
  const paths = Object.entries(document.paths ?? {}).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations as Record<string, Operation>).map(([method, operation]) => [
        method,
        exemplified(operation, examples[operation.operationId ?? ''] ?? {}),
      ]),
    ),
  ]);
  return { ...document, paths: Object.fromEntries(paths) };
}

function exemplified(operation: Operation, { body, parameters = {}, leadsTo = {} }: Example): Operation {
  const links = Object.fromEntries(
    Object.entries(leadsTo).map(([operationId, pointer]) => [
      operationId,
      { operationId, parameters: { id: `$response.body#${pointer}` } },
    ]),
  );
  const { requestBody } = operation;
  return {
    ...operation,
    ...(operation.parameters && {
      parameters: operation.parameters.map((one) =>
        one.name in parameters ? { ...one, example: parameters[one.name] } : one,
      ),
    }),
    ...(requestBody &&
      body !== undefined && {
        requestBody: {
          ...requestBody,
          content: Object.fromEntries(
            Object.entries(requestBody.content).map(([type, media]) => [type, { ...media, example: body }]),
          ),
        },
      }),
    responses: Object.fromEntries(
      Object.entries(operation.responses).map(([status, response]) => [
        status,
        ['200', '202'].includes(status) && Object.keys(leadsTo).length > 0
          ? { ...response, links }
          : response,
      ]),
    ),
  };
}
