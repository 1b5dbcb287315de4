/** The service of the Connect conformance suite, on the interface that all our services have. */
import {
  create,
  type DescMessage,
  type DescService,
  fromBinary,
  type Message,
  type Registry,
  toBinary,
} from '@bufbuild/protobuf';
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt';
import { systemClock } from '../../src/base/clock.ts';
import {
  type Call,
  defineMethod,
  type Method,
  RpcError,
  type Sink,
  statusCodes,
  type StatusDetail,
  type StatusName,
} from '../../src/rpc/transport.ts';

const packageName = 'connectrpc.conformance.v1';

interface Header {
  readonly name: string;
  readonly value: readonly string[];
}

interface Failure {
  readonly code: number;
  readonly message: string;
  readonly details: readonly Any[];
}

interface UnaryDefinition {
  readonly responseHeaders: readonly Header[];
  readonly responseTrailers: readonly Header[];
  readonly responseDelayMs: number;
  readonly response: { readonly case: 'responseData' | 'error' | undefined; readonly value?: unknown };
}

interface StreamDefinition {
  readonly responseHeaders: readonly Header[];
  readonly responseTrailers: readonly Header[];
  readonly responseDelayMs: number;
  readonly responseData: readonly Uint8Array[];
  readonly error?: Failure;
}

interface UnaryRequest extends Message {
  readonly responseDefinition?: UnaryDefinition;
}

interface StreamRequest extends Message {
  readonly responseDefinition?: StreamDefinition;
  readonly fullDuplex?: boolean;
}

/** All metadata that the suite sends for an echo. */
const echoed = ['x-conformance-test', 'x-custom-header'];

/** Methods for the suite's descriptors, which are read at run time. */
export class ConformanceService {
  readonly #registry: Registry;
  readonly #service: DescService;

  constructor(registry: Registry) {
    const service = registry.getService(`${packageName}.ConformanceService`);
    if (service === undefined) throw new Error('the descriptors are not those of the suite');
    this.#registry = registry;
    this.#service = service;
  }

  get methods(): readonly Method[] {
    return [
      this.#unary('unary'),
      this.#unary('idempotentUnary'),
      this.#server(),
      this.#client(),
      this.#bidi(),
    ];
  }

  #unary(name: string): Method {
    const descriptor = this.#method(name);
    return defineMethod({
      kind: 'unary',
      descriptor,
      handle: (request, call) =>
        this.#answer(descriptor.output, [request], (request as UnaryRequest).responseDefinition, call),
    });
  }

  #client(): Method {
    const descriptor = this.#method('clientStream');
    return defineMethod({
      kind: 'client_streaming',
      descriptor,
      handle: (source, call) =>
        new Promise((resolve, reject) => {
          const requests: UnaryRequest[] = [];
          source.onEnd(() => {
            const definition = requests[0]?.responseDefinition;
            this.#answer(descriptor.output, requests, definition, call).then(resolve, reject);
          });
          source.onMessage((request) => requests.push(request));
        }),
    });
  }

  #server(): Method {
    const descriptor = this.#method('serverStream');
    return defineMethod({
      kind: 'server_streaming',
      descriptor,
      handle: async (request, sink, call) => {
        const definition = (request as StreamRequest).responseDefinition;
        if (definition === undefined) return;
        setMetadata(call, definition);
        await this.#send(descriptor.output, definition, 0, [request], sink, call);
      },
    });
  }

  #bidi(): Method {
    const descriptor = this.#method('bidiStream');
    return defineMethod({
      kind: 'bidi_streaming',
      descriptor,
      handle: (source, sink, call) =>
        new Promise((resolve, reject) => {
          let definition: StreamDefinition | undefined;
          let isFullDuplex = false;
          let requests: Message[] = [];
          let sent = 0;
          let queue = Promise.resolve();
          const finish = async (): Promise<void> => {
            if (definition !== undefined) {
              await this.#send(descriptor.output, definition, sent, requests, sink, call);
            }
          };
          const next = async (): Promise<void> => {
            const data = definition?.responseData[sent];
            if (data === undefined || definition === undefined) return;
            await delay(definition.responseDelayMs);
            sink.write(this.#payload(descriptor.output, data, this.#info(call, requests, sent === 0)));
            sent += 1;
            requests = [];
          };
          source.onEnd(() => void queue.then(finish).then(resolve, reject));
          source.onMessage((message) => {
            const request = message as StreamRequest;
            if (definition === undefined && request.responseDefinition !== undefined) {
              definition = request.responseDefinition;
              isFullDuplex = request.fullDuplex === true;
              setMetadata(call, definition);
            }
            const isOver = isFullDuplex && sent >= (definition?.responseData.length ?? 0);
            requests.push(request);
            if (isOver) queue.then(finish).then(resolve, reject);
            else if (isFullDuplex) queue = queue.then(next);
          });
        }),
    });
  }

  async #answer(
    output: DescMessage,
    requests: readonly Message[],
    definition: UnaryDefinition | undefined,
    call: Call,
  ): Promise<Message> {
    const info = this.#info(call, requests, true);
    if (definition === undefined) return this.#payload(output, new Uint8Array(0), info);
    setMetadata(call, definition);
    await delay(definition.responseDelayMs);
    const { response } = definition;
    if (response.case === 'error') throw this.#error(response.value as Failure, info);
    return this.#payload(output, (response.value as Uint8Array | undefined) ?? new Uint8Array(0), info);
  }

  async #send(
    output: DescMessage,
    definition: StreamDefinition,
    from: number,
    requests: readonly Message[],
    sink: Sink<Message>,
    call: Call,
  ): Promise<void> {
    for (const [index, data] of definition.responseData.entries()) {
      if (index < from) continue;
      await delay(definition.responseDelayMs);
      if (call.cancelled) return;
      sink.write(this.#payload(output, data, index === 0 ? this.#info(call, requests, true) : undefined));
    }
    if (definition.error === undefined) return;
    const isFirst = definition.responseData.length === 0;
    throw this.#error(definition.error, isFirst ? this.#info(call, requests, true) : undefined);
  }

  #info(call: Call, requests: readonly Message[], isWhole: boolean): Message {
    const headers = echoed.flatMap((name) => {
      const value = call.metadata.get(name);
      return value === undefined ? [] : [{ name, value: value.split(', ') }];
    });
    const timeoutMs =
      call.deadlineMs === undefined
        ? {}
        : { timeoutMs: BigInt(Math.ceil(call.deadlineMs - systemClock.monotonicMs())) };
    return create(this.#message('ConformancePayload.RequestInfo'), {
      requests: requests.map((request) => this.#any(request)),
      ...(isWhole ? { requestHeaders: headers, ...timeoutMs } : {}),
    });
  }

  #any(message: Message): Any {
    const value = toBinary(this.#descriptor(message.$typeName), message);
    return create(AnySchema, { typeUrl: `type.googleapis.com/${message.$typeName}`, value });
  }

  #payload(output: DescMessage, data: Uint8Array, requestInfo: Message | undefined): Message {
    const payload = create(this.#message('ConformancePayload'), {
      data,
      ...(requestInfo === undefined ? {} : { requestInfo }),
    });
    return create(output, { payload });
  }

  #error(failure: Failure, info: Message | undefined): RpcError {
    const details = failure.details.map((any): StatusDetail => {
      const descriptor = this.#descriptor(any.typeUrl.slice(any.typeUrl.lastIndexOf('/') + 1));
      return { descriptor, message: fromBinary(descriptor, any.value) };
    });
    if (info !== undefined) details.push({ descriptor: this.#descriptor(info.$typeName), message: info });
    const code = Object.entries(statusCodes).find(([, number]) => number === failure.code)?.[0] ?? 'UNKNOWN';
    return new RpcError(code as StatusName, failure.message, details);
  }

  #method(localName: string): DescService['methods'][number] {
    const method = this.#service.method[localName];
    if (method === undefined) throw new Error(`the suite has no method ${localName}`);
    return method;
  }

  #message(name: string): DescMessage {
    return this.#descriptor(`${packageName}.${name}`);
  }

  #descriptor(typeName: string): DescMessage {
    const descriptor = this.#registry.getMessage(typeName);
    if (descriptor === undefined) throw new Error(`the suite has no message ${typeName}`);
    return descriptor;
  }
}

function setMetadata(call: Call, definition: UnaryDefinition | StreamDefinition): void {
  for (const { name, value } of definition.responseHeaders)
    for (const each of value) call.setHeader(name, each);
  for (const { name, value } of definition.responseTrailers)
    for (const each of value) call.setTrailer(name, each);
}

function delay(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => void systemClock.setTimer(ms, resolve));
}
