/**
 * The standard reflection service (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md), in the version of
 * today and in the one that older tools still speak. Both have the same messages under different names.
 */
import { create, type DescService, type MessageInitShape, type Registry } from '@bufbuild/protobuf';
import {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from '../../gen/grpc/reflection/v1/reflection_pb.ts';
import {
  ServerReflection as ServerReflectionAlpha,
  ServerReflectionResponseSchema as ServerReflectionResponseAlphaSchema,
} from '../../gen/grpc/reflection/v1alpha/reflection_pb.ts';
import {
  defineMethod,
  type Method,
  type Sink,
  type Source,
  type StatusName,
  statusCodes,
} from '../transport.ts';
import { DescriptorIndex } from './descriptor-index.ts';

type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse']>;
type Question = ServerReflectionRequest['messageRequest'];

/** Reflection over `services` and itself, and over the types of `registry` if given. */
export function reflectionMethods(services: readonly DescService[], registry?: Registry): readonly Method[] {
  const index = new DescriptorIndex([...services, ServerReflection, ServerReflectionAlpha], registry);
  const current = defineMethod({
    kind: 'bidi_streaming',
    descriptor: ServerReflection.method.serverReflectionInfo,
    handle: (source, sink) =>
      answerEach(source, sink, (request) =>
        create(ServerReflectionResponseSchema, {
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(index, request.messageRequest),
        }),
      ),
  });
  const alpha = defineMethod({
    kind: 'bidi_streaming',
    descriptor: ServerReflectionAlpha.method.serverReflectionInfo,
    handle: (source, sink) =>
      answerEach(source, sink, (request) =>
        create(ServerReflectionResponseAlphaSchema, {
          validHost: request.host,
          originalRequest: request,
          // The messages of both versions have the same fields, so one answer initialises either.
          messageResponse: answer(index, request.messageRequest as Question) as never,
        }),
      ),
  });
  return [current, alpha];
}

function answerEach<Request, Response>(
  source: Source<Request>,
  sink: Sink<Response>,
  reply: (request: Request) => Response,
): Promise<void> {
  return new Promise((resolve) => {
    sink.onDrain(() => source.resume());
    source.onEnd(resolve);
    source.onMessage((request) => {
      if (!sink.write(reply(request))) source.pause();
    });
  });
}

function answer(index: DescriptorIndex, question: Question): Answer {
  switch (question.case) {
    case 'fileByFilename':
      return files(index.byFileName(question.value), `file ${question.value}`);
    case 'fileContainingSymbol':
      return files(index.bySymbol(question.value), `symbol ${question.value}`);
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = question.value;
      const found = index.byExtension(containingType, extensionNumber);
      return files(found, `extension ${extensionNumber} of ${containingType}`);
    }
    case 'allExtensionNumbersOfType': {
      const extensionNumber = index.extensionNumbers(question.value);
      if (extensionNumber === undefined) return failure('NOT_FOUND', `there is no type ${question.value}`);
      const value = { baseTypeName: question.value, extensionNumber: [...extensionNumber] };
      return { case: 'allExtensionNumbersResponse', value };
    }
    case 'listServices': {
      const service = index.serviceNames.map((name) => ({ name }));
      return { case: 'listServicesResponse', value: { service } };
    }
    default:
      return failure('INVALID_ARGUMENT', 'the request asks for nothing that is known');
  }
}

function files(found: readonly Uint8Array[] | undefined, what: string): Answer {
  if (found === undefined) return failure('NOT_FOUND', `there is no ${what}`);
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto: [...found] } };
}

function failure(code: StatusName, errorMessage: string): Answer {
  return { case: 'errorResponse', value: { errorCode: statusCodes[code], errorMessage } };
}
