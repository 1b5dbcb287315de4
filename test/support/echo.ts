import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.ts';
import {
  type Call,
  defineMethod,
  type Method,
  RpcError,
  type Sink,
  statusCodes,
  type StatusName,
} from '../../src/rpc/transport.ts';
import { type EchoRequest, type EchoResponse, EchoResponseSchema, EchoService } from './gen/echo_pb.ts';

/** The echo service, with what a test may want to see of its inside. */
export interface Echo {
  readonly methods: readonly Method[];
  /** Calls that were cancelled while the service worked on them, by method name. */
  readonly cancelled: string[];
  /** How many calls the service has seen. */
  readonly started: () => number;
  /** The greatest number of bytes that a sink held. */
  readonly queuedBytesMax: () => number;
}

export function createEcho(): Echo {
  const cancelled: string[] = [];
  let queuedBytesMax = 0;
  let started = 0;
  const watch = (call: Call): void => {
    started += 1;
    call.onCancel(() => void cancelled.push(call.method.split('/')[2] ?? ''));
  };
  const unary = (request: EchoRequest, call: Call): EchoResponse | Promise<EchoResponse> => {
    watch(call);
    refuseIfAsked(request);
    return request.hang ? never(call) : reply(request, call);
  };
  const methods: readonly Method[] = [
    defineMethod({ kind: 'unary', descriptor: EchoService.method.unary, handle: unary }),
    defineMethod({ kind: 'unary', descriptor: EchoService.method.lookup, handle: unary }),
    defineMethod({
      kind: 'server_streaming',
      descriptor: EchoService.method.serverStream,
      async handle(request, sink, call) {
        watch(call);
        await sendAll(request, sink, call, (bytes) => {
          queuedBytesMax = Math.max(queuedBytesMax, bytes);
        });
        refuseIfAsked(request);
        if (request.hang) await never(call);
      },
    }),
    defineMethod({
      kind: 'client_streaming',
      descriptor: EchoService.method.clientStream,
      handle(source, call) {
        watch(call);
        return new Promise((resolve) => {
          const texts: string[] = [];
          source.onEnd(() =>
            resolve(create(EchoResponseSchema, { text: texts.join(','), count: texts.length })),
          );
          source.onMessage((request) => {
            refuseIfAsked(request);
            texts.push(request.text);
          });
        });
      },
    }),
    defineMethod({
      kind: 'bidi_streaming',
      descriptor: EchoService.method.bidiStream,
      handle(source, sink, call) {
        watch(call);
        return new Promise((resolve) => {
          let hang = false;
          sink.onDrain(() => source.resume());
          source.onEnd(() => hang || resolve());
          source.onMessage((request) => {
            refuseIfAsked(request);
            hang ||= request.hang;
            if (!sink.write(reply(request, call))) source.pause();
            queuedBytesMax = Math.max(queuedBytesMax, sink.queuedBytes);
          });
        });
      },
    }),
  ];
  return { methods, cancelled, started: () => started, queuedBytesMax: () => queuedBytesMax };
}

function reply(request: EchoRequest, call: Call): EchoResponse {
  const init: MessageInitShape<typeof EchoResponseSchema> = { text: request.text, count: request.count };
  init.payload = request.responseBytes > 0 ? new Uint8Array(request.responseBytes).fill(97) : request.payload;
  init.metadata = call.metadata.get('x-echo') ?? '';
  init.binaryMetadata = Uint8Array.from(call.metadata.getBinary('x-echo-bin') ?? []);
  return create(EchoResponseSchema, init);
}

function refuseIfAsked(request: EchoRequest): void {
  if (request.crash) throw new TypeError('a secret of the implementation');
  if (request.refuseWith === '') return;
  const info = create(ErrorInfoSchema, {
    reason: 'ASKED_TO',
    domain: 'test',
    metadata: { text: request.text },
  });
  throw new RpcError(asStatusName(request.refuseWith), `refused: ${request.text}`, [
    { descriptor: ErrorInfoSchema, message: info },
  ]);
}

function asStatusName(name: string): StatusName {
  return name in statusCodes ? (name as StatusName) : 'UNKNOWN';
}

/** Settles only when nobody waits any more. */
function never(call: Call): Promise<EchoResponse> {
  return new Promise((_resolve, reject) => {
    call.onCancel(() => reject(new RpcError('CANCELLED', 'nobody waits any more')));
  });
}

/** Writes as fast as the sink allows. */
function sendAll(
  request: EchoRequest,
  sink: Sink<EchoResponse>,
  call: Call,
  onQueued: (bytes: number) => void,
): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0;
    const send = (): void => {
      while (sent < request.count && !call.cancelled) {
        sent += 1;
        const open = sink.write(create(EchoResponseSchema, { ...reply(request, call), count: sent }));
        onQueued(sink.queuedBytes);
        if (!open) return;
      }
      resolve();
    };
    sink.onDrain(() => {
      if (sent < request.count) send();
      else resolve();
    });
    call.onCancel(resolve);
    send();
  });
}
