import type { TimelineEntry, TrainingRun } from '@handover/client';

/** Where the call is, as far as Handover knows. */
export type Place = 'agent' | 'unknown' | 'target' | 'fallback' | 'elsewhere' | 'ended';

type Known = { place: Place; goesTo: 'target' | 'fallback' };

/** Where the call is after each entry of the timeline, as far as Handover knows then. Pure. */
export function placesOf(timeline: TimelineEntry[]): Place[] {
  let known: Known = { place: 'agent', goesTo: 'target' };
  return timeline.map((entry) => {
    known = after(known, entry);
    return known.place;
  });
}

/** The places that a run may show: those that it went through, and those where the call could have gone. Pure. */
export function placesShown(places: Place[], { hasFallback }: Pick<TrainingRun, 'hasFallback'>): Place[] {
  const order: Place[] = ['agent', 'unknown', 'target', 'fallback', 'elsewhere', 'ended'];
  const always: Place[] = hasFallback ? ['agent', 'target', 'fallback'] : ['agent', 'target'];
  return order.filter((place) => always.includes(place) || places.includes(place));
}

function after(known: Known, entry: TimelineEntry): Known {
  switch (entry.step) {
    case 'decided':
      if (!entry.decided?.startsWith('send')) return known;
      return { ...known, goesTo: entry.decided.endsWith('(fallback)') ? 'fallback' : 'target' };
    case 'sent':
      return { ...known, place: afterSending(known, entry) };
    case 'read':
      return isOver(entry.evidence?.call) ? { ...known, place: 'ended' } : known;
    case 'compared':
      return { ...known, place: afterComparing(known, entry.decided) };
    case 'outcome':
      return { ...known, place: atTheEnd(known, entry.decided ?? '') };
    default:
      return known;
  }
}

function afterSending({ place, goesTo }: Known, { decided, requests = [] }: TimelineEntry): Place {
  if (decided === 'moved') return goesTo;
  const status = requests.at(-1)?.status;
  // Refused for now, and nothing about the call: it is where it was.
  if (status === 429 || (status === undefined && decided === undefined)) return place;
  return 'unknown';
}

function afterComparing({ place, goesTo }: Known, found: string | undefined): Place {
  if (found === 'happened') return goesTo;
  if (found === 'moved-by-another') return 'elsewhere';
  if (found !== 'clear') return 'unknown';
  return place === 'ended' ? 'ended' : 'agent';
}

function atTheEnd({ place, goesTo }: Known, decided: string): Place {
  if (decided.startsWith('transferred')) return goesTo;
  if (decided.endsWith('call-ended')) return 'ended';
  if (decided.endsWith('call-moved')) return 'elsewhere';
  return place;
}

function isOver(call: unknown): boolean {
  return typeof call === 'string' && /^(disconnected|terminated|ended)/.test(call);
}
