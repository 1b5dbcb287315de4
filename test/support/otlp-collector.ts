/** An OpenTelemetry collector that keeps what it is sent: OTLP over HTTP, as JSON and as Protobuf (opentelemetry/proto/trace/v1/trace.proto). */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

export interface CollectedSpan {
  /** `service.name` of who sent it. */
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: ReadonlyMap<string, unknown>;
  /** 2: an error. */
  readonly status: number;
}

export class OtlpCollector {
  readonly spans: CollectedSpan[] = [];
  /** Paths and content types of requests. */
  readonly requests: string[] = [];
  /** What it answers with. */
  status = 200;
  readonly #server: Server;
  #waiters: (() => void)[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#take(request).then(() => {
        response.writeHead(this.status, { 'content-type': 'application/json' });
        response.end('{}');
      });
    });
  }

  static async start(): Promise<OtlpCollector> {
    const collector = new OtlpCollector();
    collector.#server.listen(0, '127.0.0.1');
    await once(collector.#server, 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when what has come is as it is wanted. */
  async until(holds: (spans: readonly CollectedSpan[]) => boolean): Promise<void> {
    while (!holds(this.spans)) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage): Promise<void> {
    const type = request.headers['content-type'] ?? '';
    this.requests.push(`${request.url} ${type}`);
    if (type === 'application/json') {
      const body = await text(request);
      if (this.status === 200) this.spans.push(...spansInJson(JSON.parse(body) as JsonRequest));
    } else {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      if (this.status === 200) this.spans.push(...spansInProtobuf(plain));
    }
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }
}

interface JsonAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface JsonRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly JsonAttribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes: readonly JsonAttribute[];
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}

function spansInJson({ resourceSpans }: JsonRequest): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: String(attributesOf(resource.attributes).get('service.name')),
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        name: span.name,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        attributes: attributesOf(span.attributes),
        status: span.status?.code ?? 0,
      })),
    ),
  );
}

function attributesOf(attributes: readonly JsonAttribute[]): Map<string, unknown> {
  return new Map(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** The fields of a message: by number, what each is in. */
type Fields = ReadonlyMap<number, readonly (Uint8Array | bigint)[]>;

function fieldsOf(bytes: Uint8Array): Fields {
  const fields = new Map<number, (Uint8Array | bigint)[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const own = fields.get(number) ?? [];
    fields.set(number, own);
    if (type === WireType.LengthDelimited) own.push(reader.bytes());
    else if (type === WireType.Bit64) own.push(BigInt(reader.fixed64()));
    else if (type === WireType.Varint) own.push(BigInt(reader.uint64()));
    else reader.skip(type, number);
  }
  return fields;
}

const messagesIn = (fields: Fields, number: number): Fields[] =>
  (fields.get(number) ?? []).map((each) => fieldsOf(each as Uint8Array));
const bytesIn = (fields: Fields, number: number): Uint8Array =>
  (fields.get(number)?.[0] as Uint8Array | undefined) ?? new Uint8Array(0);
const textIn = (fields: Fields, number: number): string => Buffer.from(bytesIn(fields, number)).toString();
const hexIn = (fields: Fields, number: number): string =>
  Buffer.from(bytesIn(fields, number)).toString('hex');
const numberIn = (fields: Fields, number: number): bigint =>
  (fields.get(number)?.[0] as bigint | undefined) ?? 0n;

/** Texts among attributes; tests look at no others of programs that send Protobuf. */
function textsIn(fields: Fields, number: number): Map<string, unknown> {
  const all = messagesIn(fields, number);
  return new Map(all.map((each) => [textIn(each, 1), textIn(messagesIn(each, 2)[0] ?? new Map(), 1)]));
}

function spansInProtobuf(body: Uint8Array): CollectedSpan[] {
  return messagesIn(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const resource = textsIn(messagesIn(resourceSpans, 1)[0] ?? new Map(), 1);
    return messagesIn(resourceSpans, 2).flatMap((scopeSpans) =>
      messagesIn(scopeSpans, 2).map((span) => ({
        service: String(resource.get('service.name')),
        traceId: hexIn(span, 1),
        spanId: hexIn(span, 2),
        parentSpanId: hexIn(span, 4),
        name: textIn(span, 5),
        start: numberIn(span, 7),
        end: numberIn(span, 8),
        attributes: textsIn(span, 9),
        status: Number(numberIn(messagesIn(span, 15)[0] ?? new Map(), 3)),
      })),
    );
  });
}
