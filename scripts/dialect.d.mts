export function chosenDialect(
  given: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): 'voice' | 'platform';
