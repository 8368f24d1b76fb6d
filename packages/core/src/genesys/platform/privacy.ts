import type { PrivacyPolicy, PrivateSignal } from '../policies.ts';
import { type Conversation, isOver, type Leg } from './conversation.ts';

/** What a reading tells about one sign of privacy; `why` names the sign and the setting that asks for it. */
type Sign = { is: 'yes' | 'no' } | { is: 'untold'; what: string };

/**
 * Why a call is private by this policy; `undefined` if it is not. Every sign that the policy asks for must be told, else the
 * call counts as private unless `PRIVATE_UNKNOWN` allows it. Pure.
 */
export function whyPrivate(call: Conversation, policy: PrivacyPolicy): string | undefined {
  const { attribute, divisions, signals, unknown } = policy;
  const live = call.participants.filter((leg) => !isOver(leg));
  const signs: [string, Sign][] = [
    ...signals.map((signal): [string, Sign] => [SIGNALS[signal].words, readSignal(signal, call, live)]),
    ...(attribute === undefined
      ? []
      : [
          [`${wordsOf(attribute)} is set (PRIVATE_ATTRIBUTE)`, readAttribute(attribute, call)] as [
            string,
            Sign,
          ],
        ]),
    ...(divisions.length === 0
      ? []
      : [
          [`it lies in a private division (PRIVATE_DIVISIONS)`, readDivisions(divisions, call)] as [
            string,
            Sign,
          ],
        ]),
  ];
  const found = signs.find(([, { is }]) => is === 'yes');
  if (found !== undefined) return found[0];
  const untold = signs.flatMap(([, sign]) => (sign.is === 'untold' ? [sign.what] : []));
  if (untold.length === 0 || unknown === 'allow') return undefined;
  return `${untold.join(', ')} not told; PRIVATE_UNKNOWN=allow accepts it`;
}

const SIGNALS: Record<PrivateSignal, { words: string; what: string }> = {
  'secure-pause': { words: 'secure pause is on (PRIVATE_SIGNALS)', what: 'secure pause' },
  'recording-paused': { words: 'the recording is paused (PRIVATE_SIGNALS)', what: 'recording state' },
};

/** Told by the call or by any leg that has not ended. */
function readSignal(signal: PrivateSignal, call: Conversation, live: Leg[]): Sign {
  const told = [call, ...live].flatMap(({ securePause, recordingState }) =>
    signal === 'secure-pause' ? (securePause ?? []) : (recordingState?.toLowerCase() ?? []),
  );
  if (told.length === 0) return { is: 'untold', what: SIGNALS[signal].what };
  return { is: told.includes(true) || told.includes('paused') ? 'yes' : 'no' };
}

/** On any leg, also one that has ended. Without a value, any but the empty one: attributes cannot be removed, only emptied. */
function readAttribute(
  { name, value }: NonNullable<PrivacyPolicy['attribute']>,
  { participants }: Conversation,
): Sign {
  const told = participants.flatMap(({ attributes }) => (attributes == null ? [] : [attributes]));
  if (told.length === 0) return { is: 'untold', what: 'participant attributes' };
  const values = told
    .flatMap((attributes) => Object.entries(attributes))
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .map(([, one]) => (typeof one === 'string' ? one : JSON.stringify(one)).trim().toLowerCase());
  const isSet = value === undefined ? values.some((one) => one !== '') : values.includes(value.toLowerCase());
  return { is: isSet ? 'yes' : 'no' };
}

function readDivisions(wanted: readonly string[], { divisions }: Conversation): Sign {
  const ids = (divisions ?? []).flatMap(({ division }) => division?.id.toLowerCase() ?? []);
  if (ids.length === 0) return { is: 'untold', what: 'divisions' };
  return { is: wanted.some((one) => ids.includes(one.toLowerCase())) ? 'yes' : 'no' };
}

function wordsOf({ name, value }: NonNullable<PrivacyPolicy['attribute']>): string {
  return value === undefined ? `attribute ${name}` : `attribute ${name}=${value}`;
}
