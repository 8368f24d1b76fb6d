import { describeFailure } from '../../transfer/classify.ts';
import type { Failure, FollowUpAnswer } from '../../transfer/ports.ts';
import { forbiddenWords } from './moves.ts';

/** What a follow-up does, and the permission that it needs. */
type Needs = { what: string; permission: string };

/** What follows from a failed request of a follow-up. Pure. */
export function followFailure(
  failure: Failure,
  requests: FollowUpAnswer['requests'],
  { what, permission }: Needs,
): FollowUpAnswer {
  if (failure.kind !== 'answered') return { is: 'later', why: describeFailure(failure), failure, requests };
  switch (failure.means) {
    case 'needs-user':
      return { is: 'gave-up', why: `Genesys wants the agent's own token for ${what}`, requests };
    case 'forbidden': {
      const hint = forbiddenWords(failure.code, [permission]);
      return { is: 'gave-up', why: describeFailure({ ...failure, hint }), requests };
    }
    case 'gone':
    case 'not-found':
    case 'invalid':
      return { is: 'gave-up', why: describeFailure(failure), requests };
    default:
      return { is: 'later', why: describeFailure(failure), failure, requests };
  }
}
