import type { FieldError, Target, TransferRequest } from '../../transfer/request.ts';

/** The types of targets of the voice API. */
export const voiceTargetTypes = ['queue', 'user', 'skillGroup'] as const;

const NOT_HERE = 'only the Platform API has this (GENESYS_API=platform)';

/** The fields of a request that the voice API cannot carry out. Pure. */
export function checkVoiceRequest({ target, fallback, mode, from }: TransferRequest): FieldError[] {
  const errors = [...checkTarget('target', target), ...checkTarget('fallback', fallback)];
  if (mode !== undefined) errors.push({ field: 'mode', message: NOT_HERE });
  if (from !== undefined) errors.push({ field: 'from', message: NOT_HERE });
  return errors;
}

function checkTarget(field: string, target: Target | undefined): FieldError[] {
  if (target === undefined) return [];
  const isKnown = voiceTargetTypes.some((type) => type === target.type);
  if (!isKnown)
    return [
      { field: `${field}.type`, message: `only the Platform API has ${target.type} (GENESYS_API=platform)` },
    ];
  return target.skills === undefined ? [] : [{ field: `${field}.skills`, message: NOT_HERE }];
}
