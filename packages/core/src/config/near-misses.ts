import { distance } from 'fastest-levenshtein';
import { fields } from './schema.ts';

/** A variable of the environment that nobody reads, although its name is nearly that of one of ours. */
export type NearMiss = { variable: string; meant: string; words: string };

/** Names shorter than that differ too little from each other. */
const LONG_NAME = 6;
/** Read by other programs: by the SDK of OpenTelemetry, by the sandbox. */
const OTHERS = /^(OTEL|SANDBOX|npm)_/;

/** Finds variables whose names are at most two letters away from one of ours, whatever the case and the separators. Pure. */
export function nearMisses(env: Record<string, string | undefined>): NearMiss[] {
  return Object.keys(env).flatMap((variable): NearMiss[] => {
    if (Object.hasOwn(fields, variable) || OTHERS.test(variable) || !env[variable]) return [];
    const name = plain(variable);
    const [nearest] = Object.keys(fields)
      .map((meant) => ({ meant, away: distance(name, plain(meant)) }))
      .filter(({ meant, away }) => away <= (meant.length < LONG_NAME ? 0 : 2))
      .sort((a, b) => a.away - b.away);
    if (nearest === undefined) return [];
    const { meant } = nearest;
    return [{ variable, meant, words: `${variable} is no variable of Handover: did you mean ${meant}?` }];
  });
}

function plain(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}
