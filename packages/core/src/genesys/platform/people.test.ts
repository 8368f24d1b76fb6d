import { expect, test } from 'vitest';
import { Authorization, grantedBy, type Person, toAgent, toPerson, User } from './people.ts';

const TRANSFER = 'conversation:communication:blindTransfer';
const policy = (given: object = {}) => ({
  ...{ domain: 'conversation', entityName: 'communication', actionSet: ['blindTransferQueue'] },
  ...given,
});
const condition = { resourceConditionNode: { variableName: 'Conversation.queues', operator: 'EQ' } };
const granted = (authorization: object) => grantedBy(Authorization.parse(authorization));
const ann = (given: Partial<Person> = {}): Person => ({
  ...{ id: 'ann', state: 'active', granted: { always: [TRANSFER], sometimes: [] } },
  ...given,
});
const may = (person: Person, unknown: 'reject' | 'allow' = 'reject') => toAgent(person, ['queue'], unknown);

test('what is granted under conditions only is not granted', () => {
  expect(granted({ permissions: [`${TRANSFER}Queue`], permissionPolicies: [policy(condition)] })).toEqual({
    ...{ always: [], sometimes: [`${TRANSFER}Queue`] },
  });
  const both = [policy(condition), policy()];
  expect(granted({ permissions: [], permissionPolicies: both }).always).toEqual([`${TRANSFER}Queue`]);
  expect(
    granted({ permissions: [`${TRANSFER}Agent`], permissionPolicies: [policy(condition)] }).always,
  ).toEqual([`${TRANSFER}Agent`]);
  expect(
    granted({ permissionPolicies: [policy({ allowConditions: true, resourceConditionNode: {} })] }),
  ).toEqual({
    ...{ always: [`${TRANSFER}Queue`], sometimes: [] },
  });
});

test('yes, no and unknown', () => {
  expect(may(ann())).toEqual({ id: 'ann', mayTransfer: true, why: 'may transfer' });
  expect(may(ann({ granted: { always: [], sometimes: [] } }), 'allow')).toMatchObject({
    ...{ mayTransfer: false, why: `agent ann lacks ${TRANSFER} or ${TRANSFER}Queue` },
  });
  expect(may(ann({ state: 'inactive' }), 'allow')).toMatchObject({
    mayTransfer: false,
    why: 'agent ann is inactive',
  });
  const cases: [Person, string][] = [
    [ann({ granted: null }), 'Genesys does not tell the permissions of agent ann'],
    [ann({ state: null }), 'Genesys does not tell whether agent ann is active'],
    [
      ann({ granted: { always: [], sometimes: [TRANSFER] } }),
      `agent ann has ${TRANSFER} or ${TRANSFER}Queue under conditions only, which Handover cannot check`,
    ],
  ];
  for (const [person, words] of cases) {
    const why = `${words}; PERMISSION_UNKNOWN=allow accepts that`;
    expect(may(person)).toEqual({ id: 'ann', mayTransfer: false, why });
    expect(may(person, 'allow')).toEqual({ id: 'ann', mayTransfer: true, why });
  }
});

test('a user without the block is not known; one with an empty block has nothing', () => {
  expect(toPerson(User.parse({ id: 'ann', state: 'active' }))).toEqual(ann({ granted: null }));
  const empty = toPerson(User.parse({ id: 'ann', state: 'active', authorization: {} }));
  expect(empty.granted).toEqual({ always: [], sometimes: [] });
});
