/** Sends a request's bytes to any method, and tells what comes back in one form, refusals inside a stream included. */
import { fromBinary } from '@bufbuild/protobuf';
import type { DescMethod } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import type { Client, ServiceError } from '@grpc/grpc-js';

import { BadRequestSchema, ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../src/gen/google/rpc/status_pb.ts';
import { PublishStreamResponseSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';

/** What came of a request. `code` is `OK` where it was taken. */
export interface Answer {
  readonly code: string;
  readonly reason: string;
  readonly domain: string;
  readonly message: string;
  /** Fields that the refusal names. */
  readonly fields: readonly string[];
}

/** Far longer than any answer takes, so that only a hang reaches it. */
const answerMsMax = 45_000;
const taken: Answer = { code: 'OK', reason: '', domain: '', message: '', fields: [] };

export function send(client: Client, method: DescMethod, requests: readonly Uint8Array[]): Promise<Answer> {
  const path = `/${method.parent.typeName}/${method.name}`;
  const raw = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
  const deadline = { deadline: Date.now() + answerMsMax };
  return new Promise((resolve) => {
    const [first = new Uint8Array(0)] = requests;
    const done = (error: ServiceError | null = null): void =>
      resolve(error === null ? taken : refused(error));
    switch (method.methodKind) {
      case 'unary':
        client.makeUnaryRequest(path, raw, raw, first, deadline, done);
        return;
      case 'client_streaming': {
        const stream = client.makeClientStreamRequest(path, raw, raw, deadline, done);
        for (const request of requests) stream.write(request);
        stream.end();
        return;
      }
      case 'server_streaming':
        // What goes on for ever was taken when its first message has come.
        client
          .makeServerStreamRequest(path, raw, raw, first, deadline)
          .on('data', function stop(this: { cancel(): void }) {
            this.cancel();
            done();
          })
          .on('error', done)
          .on('end', () => done());
        return;
      case 'bidi_streaming': {
        const stream = client.makeBidiStreamRequest(path, raw, raw, deadline);
        let answer = taken;
        stream
          .on('data', (bytes: Uint8Array) => {
            answer = refusedInside(bytes) ?? answer;
          })
          .on('error', done)
          .on('end', () => resolve(answer));
        for (const request of requests) stream.write(request);
        stream.end();
      }
    }
  });
}

function refused(error: ServiceError): Answer {
  const [packed] = error.metadata.get('grpc-status-details-bin');
  const details = packed === undefined ? [] : fromBinary(StatusSchema, Buffer.from(packed as Buffer)).details;
  const find = (type: string): Uint8Array | undefined =>
    details.find(({ typeUrl }) => typeUrl.endsWith(`/${type}`))?.value;
  const info = find(ErrorInfoSchema.typeName);
  const bad = find(BadRequestSchema.typeName);
  const { reason, domain } =
    info === undefined ? { reason: '', domain: '' } : fromBinary(ErrorInfoSchema, info);
  const violations = bad === undefined ? [] : fromBinary(BadRequestSchema, bad).fieldViolations;
  const fields = violations.map(({ field }) => field);
  return { code: status[error.code] ?? '', reason, domain, message: error.details, fields };
}

/** The first refusal in an answer of a publish stream: its message begins with the field at fault. */
function refusedInside(bytes: Uint8Array): Answer | undefined {
  const { outcome, more } = fromBinary(PublishStreamResponseSchema, bytes);
  const refusal = [outcome, ...more.map((each) => each.outcome)].find((each) => each.case === 'refused');
  if (refusal?.case !== 'refused') return undefined;
  const { code, reason, message } = refusal.value;
  const [field = ''] = message.split(': ');
  return { code: status[code] ?? '', reason, domain: 'hyperloom.dev', message, fields: [field] };
}
