/** One server-sent event. `id`: what to resume after; '' if the server has named none yet. */
export type ServerSentEvent = { type: string; data: string; id: string };

/** Takes the text of an event stream in pieces of any size, and gives the events that each piece completes. */
export function createEventParser(onRetry: (ms: number) => void = () => {}) {
  let rest = '';
  let endedInReturn = false;
  let lastId = '';
  let type = '';
  let data: string[] = [];

  function take(line: string): ServerSentEvent | undefined {
    if (line === '') return dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') type = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) lastId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) onRetry(Number(value));
    return undefined;
  }

  function dispatch(): ServerSentEvent | undefined {
    const event =
      data.length === 0 ? undefined : { type: type || 'message', data: data.join('\n'), id: lastId };
    type = '';
    data = [];
    return event;
  }

  return (piece: string): ServerSentEvent[] => {
    if (piece === '') return [];
    // A line may end with both, in two pieces.
    const text = rest + (endedInReturn && piece.startsWith('\n') ? piece.slice(1) : piece);
    endedInReturn = piece.endsWith('\r');
    const lines = text.split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    return lines.map(take).filter((event) => event !== undefined);
  };
}
