import type { FieldError, Target, TransferRequest } from '../../transfer/request.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const E164 = /^\+[1-9]\d{6,14}$/;
const SIP = /^sips?:[^\s@]+@[^\s@]+$/i;

/** The fields of a request that the Platform API cannot carry out. Pure. */
export function checkPlatformRequest(request: TransferRequest): FieldError[] {
  const { callId, userId, transferType, mode } = request;
  const errors = checkTargets(request);
  if (!UUID.test(callId)) errors.unshift({ field: 'callId', message: 'must be the conversation id, a UUID' });
  if (userId.includes('@'))
    errors.push({ field: 'userId', message: "must be the agent's user id, a UUID, not an e-mail address" });
  if (transferType === 'consult' && mode !== undefined)
    errors.push({ field: 'mode', message: 'belongs to a blind transfer' });
  return errors;
}

/** What is wrong with target and fallback alone. Pure. */
export function checkTargets({ target, fallback }: TransferRequest): FieldError[] {
  return [...checkTarget('target', target), ...(fallback ? checkTarget('fallback', fallback) : [])];
}

function checkTarget(field: string, { type, id, skills }: Target): FieldError[] {
  if (type === 'skillGroup' && skills === undefined)
    return [
      { field: `${field}.skills`, message: 'is missing: a skillGroup is a queue and the ids of skills' },
    ];
  if (type === 'address' && !E164.test(id) && !SIP.test(id))
    return [
      {
        field: `${field}.id`,
        message: 'must be a number in E.164, + and 7 to 15 digits as in +4930123456, or a sip: address',
      },
    ];
  return [];
}
