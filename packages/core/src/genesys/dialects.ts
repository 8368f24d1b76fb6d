import type { DialectDefinition, DialectName } from './dialect.ts';
import { voice } from './voice/dialect.ts';

/** Opens a dialect by its name: the one place that knows which dialects there are. */
export function openDialect(name: DialectName): DialectDefinition {
  switch (name) {
    case 'voice':
      return voice;
  }
}
