import { expect, test } from 'vitest';
import { chosenDialect } from '../../scripts/dialect.mjs';

test.each<[string, string[], Record<string, string>, string]>([
  ['npm start', [], {}, 'voice'],
  ['npm start -- --dialect platform', ['--dialect', 'platform'], {}, 'platform'],
  ['npm start -- --dialect=platform', ['--dialect=platform'], {}, 'platform'],
  // npm keeps the flag for itself, and passes the word on as an argument.
  ['npm start --dialect platform', ['platform'], { npm_config_dialect: 'true' }, 'platform'],
  ['npm start --dialect=platform', [], { npm_config_dialect: 'platform' }, 'platform'],
  ['npm start -- --dialect voice', ['--dialect', 'voice'], {}, 'voice'],
])('%s', (_command, given, env, dialect) => {
  expect(chosenDialect(given, env)).toBe(dialect);
});

test.each<[string, string[], Record<string, string>, RegExp]>([
  ['another name', ['--dialect', 'v2'], {}, /no dialect "v2".*voice\|platform/],
  ['another name that npm kept', [], { npm_config_dialect: 'v2' }, /no dialect "v2"/],
  ['no name', ['--dialect'], {}, /no dialect ""/],
  ['no name that npm kept', [], { npm_config_dialect: 'true' }, /no dialect ""/],
  ['a name without the flag', ['platform'], {}, /does not know "platform"/],
  ['another flag', ['--verbose'], {}, /does not know "--verbose"/],
  ['more than that', ['--dialect', 'voice', 'platform'], {}, /does not know "platform"/],
])('%s is refused in words', (_what, given, env, words) => {
  expect(() => chosenDialect(given, env)).toThrow(words);
});
