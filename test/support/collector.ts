import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PATIENCE_MS } from './patience.ts';

/** The kinds of spans as OTLP numbers them. */
export const KIND = { server: 2, client: 3, producer: 4, consumer: 5 };

export type CollectedSpan = {
  service: string;
  traceId: string;
  spanId: string;
  /** '' = it has none. */
  parentSpanId: string;
  name: string;
  kind: number;
  startMs: number;
  endMs: number;
  isError: boolean;
  attributes: Record<string, string | number>;
  links: string[];
};

type Value = { stringValue?: string; intValue?: number | string };
type Attribute = { key: string; value: Value };
type WireSpan = Pick<CollectedSpan, 'traceId' | 'spanId' | 'name' | 'kind'> & {
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  links: { traceId: string }[];
  status: { code?: number };
};
type Body = {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: WireSpan[] }[];
  }[];
};

/** An OpenTelemetry collector that stores OTLP over HTTP as JSON. A silent one never answers. */
export async function startCollector({ isSilent = false, port = 0 } = {}) {
  const spans: CollectedSpan[] = [];
  const bodies: string[] = [];
  const arrivals = new EventEmitter().setMaxListeners(0);
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    bodies.push(text);
    if (request.url === '/v1/traces') spans.push(...parse(JSON.parse(text) as Body));
    if (!isSilent) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    arrivals.emit('arrived');
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** Everything received, unchanged. */
    text: () => bodies.join('\n'),
    /** Checks on each arrival until `find` returns something; fails after `withinMs` with what arrived. */
    async until<T>(find: (spans: CollectedSpan[]) => T | undefined, withinMs = PATIENCE_MS): Promise<T> {
      const signal = AbortSignal.timeout(withinMs);
      for (;;) {
        const found = find(spans);
        if (found !== undefined) return found;
        await once(arrivals, 'arrived', { signal }).catch(() => {
          throw new Error(`not within ${withinMs} ms; there were ${JSON.stringify(spans, null, 1)}`);
        });
      }
    },
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function parse({ resourceSpans }: Body): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(toRecord(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => toSpan(service, span)));
  });
}

function toSpan(service: string, span: WireSpan): CollectedSpan {
  const { traceId, spanId, parentSpanId = '', name, kind, status, links } = span;
  return {
    ...{ service, traceId, spanId, parentSpanId, name, kind },
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
    isError: status.code === 2,
    attributes: toRecord(span.attributes),
    links: links.map((link) => link.traceId),
  };
}

function toRecord(attributes: Attribute[]): CollectedSpan['attributes'] {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  );
}
