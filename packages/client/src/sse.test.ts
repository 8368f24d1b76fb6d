import { describe, expect, test } from 'vitest';
import { createEventParser, type ServerSentEvent } from './sse.ts';

function parse(...pieces: string[]): ServerSentEvent[] {
  const take = createEventParser();
  return pieces.flatMap(take);
}

const STREAM =
  'retry: 100\n: hello\n\nid: 7\nevent: timeline\ndata: {"a":\ndata:  1}\n\ndata\n\n:nothing\n\ndata: é\nother: x\n\n';
const EVENTS = [
  { type: 'timeline', data: '{"a":\n 1}', id: '7' },
  { type: 'message', data: '', id: '7' },
  { type: 'message', data: 'é', id: '7' },
];

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
])('with lines that end in %s', (_, ending) => {
  const stream = STREAM.replaceAll('\n', ending);

  test('the events are read', () => expect(parse(stream)).toEqual(EVENTS));

  test('wherever the stream is cut', () => {
    expect(parse(...stream)).toEqual(EVENTS);
    for (let at = 0; at <= stream.length; at += 1)
      expect(parse(stream.slice(0, at), '', stream.slice(at))).toEqual(EVENTS);
  });
});

test('an event that is not finished is none', () => expect(parse('data: 1\n\ndata: 2\n')).toHaveLength(1));

test('an event without data is none, but its id counts', () =>
  expect(parse('id: 3\nevent: x\n\ndata: 1\n\n')).toEqual([{ type: 'message', data: '1', id: '3' }]));

test('an id with a zero byte is ignored, and an empty one forgets', () =>
  expect(parse('id: 1\nid: 2\0\ndata: a\n\nid\ndata: b\n\n').map(({ id }) => id)).toEqual(['1', '']));

test('the time to wait before a new connection is told; nonsense is not', () => {
  const told: number[] = [];
  createEventParser((ms) => told.push(ms))('retry: 250\nretry: soon\nretry: -1\n\n');
  expect(told).toEqual([250]);
});
