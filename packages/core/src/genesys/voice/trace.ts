import { samePlacement, standsAt } from '../../transfer/compare.ts';
import type { Call, Trace } from '../../transfer/ports.ts';
import type { Intent, Placement } from '../../transfer/words.ts';

/**
 * What a reading proves about a sending (docs/rules.md). Pure. A call of the voice API always shows its last transfer, so its
 * placement is evidence; the ETag shows whether the call changed at all.
 */
export function traceVoice(intent: Intent, call: Call): Trace {
  const { before, mark } = intent;
  if (mark.dialect !== 'voice') return { shows: 'proves-nothing', words: 'it was sent over another API' };
  const isChanged = call.mark.fingerprint !== mark.fingerprint;
  const wasThere = standsAt(before, intent);
  if (standsAt(call.placement, intent) && !wasThere)
    return { shows: 'moved', words: 'the call is where the intent wanted it, and was not before' };
  if (!samePlacement(call.placement, before)) return { shows: 'elsewhere', words: 'the call is elsewhere' };
  if (isChanged && wasThere)
    return { shows: 'proves-nothing', words: 'the call changed, and was at the target before' };
  if (isChanged && isHalfKnown(call.placement))
    return { shows: 'proves-nothing', words: 'the call changed, and its target cannot be read' };
  if (call.ended) return { shows: 'proves-nothing', words: 'a call that has ended proves nothing' };
  return { shows: 'nothing-new', words: 'the call is where it was' };
}

/** It was transferred, but its target is missing or unknown to us. */
function isHalfKnown({ transferType, target }: Placement): boolean {
  return transferType !== undefined && target === undefined;
}
