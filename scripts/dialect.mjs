// Which of Genesys' APIs the sandbox speaks to `npm start`.

const DIALECTS = ['voice', 'platform'];
const USAGE = 'npm start -- --dialect voice|platform';

/**
 * Reads `--dialect <name>` or `--dialect=<name>`. Without `--`, npm keeps the flag for itself: as `npm_config_dialect`, which is the
 * name, or `true` with the name left among the arguments. Throws for anything else.
 * @param {readonly string[]} given the arguments
 * @param {Record<string, string | undefined>} env
 * @returns {'voice' | 'platform'} `voice` if nothing is said
 */
export function chosenDialect(given, env) {
  const flag = env.npm_config_dialect ?? '';
  const kept = flag === '' ? [] : [flag === 'true' ? '--dialect' : `--dialect=${flag}`];
  const [first, ...rest] = [...kept, ...given];
  if (first === undefined) return 'voice';
  const [name, ...more] = first === '--dialect' ? rest : [/^--dialect=(.*)$/s.exec(first)?.[1], ...rest];
  if (name === undefined && !first.startsWith('--dialect'))
    throw new Error(`npm start does not know "${first}". It takes: ${USAGE}`);
  if (!DIALECTS.includes(name)) throw new Error(`There is no dialect "${name ?? ''}". Choose one: ${USAGE}`);
  if (more.length > 0) throw new Error(`npm start does not know "${more[0]}". It takes: ${USAGE}`);
  return name;
}
