import type { DialectDefinition, DialectName } from './dialect.ts';
import { platform } from './platform/dialect.ts';
import { voice } from './voice/dialect.ts';

/** Returns a dialect by its name; the only place that lists the dialects. */
export function openDialect(name: DialectName): DialectDefinition {
  switch (name) {
    case 'voice':
      return voice;
    case 'platform':
      return platform;
  }
}
