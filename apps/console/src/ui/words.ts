const TIMES = /(\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z| \d{2}:\d{2}:\d{2} UTC))/;

/** A text cut at the times in it, as workers and stories write them; every second piece is such a time, in ISO 8601. */
export function cutAtTimes(text: string): string[] {
  return text
    .split(TIMES)
    .map((piece, index) => (index % 2 === 1 ? piece.replace(' UTC', 'Z').replace(' ', 'T') : piece));
}

/** `anna` of `operator:anna`, with what that is. */
export function actorWords(by: string): string {
  const [type = '', ...name] = by.split(':');
  const kinds: Record<string, string> = {
    apiKey: 'API key',
    operator: 'operator',
    worker: 'worker',
    genesysEvent: 'event of Genesys',
    system: 'Handover,',
  };
  return `${kinds[type] ?? type} ${name.join(':')}`;
}
