import type { Call, Obstacle, Trace } from '../../transfer/ports.ts';
import type { TransferRequest } from '../../transfer/request.ts';
import type { Intent } from '../../transfer/words.ts';
import type { PrivacyPolicy } from '../policies.ts';
import { type Conversation, fingerprintOf, isEnded } from './conversation.ts';
import { findHolder, type Holder } from './holder.ts';
import { whyPrivate } from './privacy.ts';
import { type Before, beforeOf, traceSent } from './trace.ts';

export const DIALECT = 'platform';

/** A call as the rules see it, for a transfer by this agent. Pure. */
export function toCall(
  conversation: Conversation,
  { userId, from }: Pick<TransferRequest, 'userId' | 'from'>,
  privacy: PrivacyPolicy,
): Call {
  const holder = findHolder(conversation, userId, from === 'queue');
  const leg = 'leg' in holder ? holder.leg : undefined;
  const ended = isEnded(conversation);
  const why = ended ? undefined : whyPrivate(conversation, privacy);
  return {
    id: conversation.id,
    ended,
    state: ended ? 'ended: no caller is connected' : 'wait' in holder ? holder.wait : holder.words,
    private: why !== undefined,
    whyPrivate: why,
    obstacle: obstacleOf(holder),
    placement: {},
    mark: {
      dialect: DIALECT,
      fingerprint: fingerprintOf(conversation),
      leg: leg?.id ?? null,
      data: beforeOf(conversation, leg),
    },
    seen: conversation,
  };
}

/** Pure; see `traceSent`. */
export function tracePlatform({ mark, target }: Intent, { seen }: Call): Trace {
  if (mark.dialect !== DIALECT) return { shows: 'proves-nothing', words: 'it was sent over another API' };
  return traceSent({ target, leg: mark.leg, before: mark.data as Before }, seen as Conversation);
}

function obstacleOf(holder: Holder): Obstacle | undefined {
  if ('wait' in holder) return { is: 'not-yet', words: holder.wait };
  if ('leg' in holder || holder.no === 'call-ended') return undefined;
  return { is: holder.no, words: holder.words };
}
