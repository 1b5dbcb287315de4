/**
 * Has each call wait until this replica has seen what the call must not be behind of. Writes need nothing: what comes of them is decided at
 * their place in the log.
 */
import { create } from '@bufbuild/protobuf';
import type { DescMessage, DescService, MessageShape } from '@bufbuild/protobuf';
import { assert } from '../../base/assert.ts';
import { ContextService } from '../../gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../gen/hyperloom/v1/forest_service_pb.ts';
import { LockService } from '../../gen/hyperloom/v1/lock_service_pb.ts';
import { ReviewService } from '../../gen/hyperloom/v1/review_service_pb.ts';
import { SchemaService } from '../../gen/hyperloom/v1/schema_service_pb.ts';
import type { Forests } from '../../sequencer/forest.ts';
import { orRefuse, Refused } from '../errors.ts';
import { methodPath } from '../http2/method-table.ts';
import type { Call, Method, Sink, Source } from '../transport.ts';
import { contextNeeds, forestNeeds, lockNeeds, reviewNeeds, schemaNeeds } from './needs.ts';
import type { Need } from './needs.ts';

type AnyMessage = MessageShape<DescMessage>;

const services = [
  [ContextService, contextNeeds],
  [LockService, lockNeeds],
  [ReviewService, reviewNeeds],
  [SchemaService, schemaNeeds],
  [ForestService, forestNeeds],
] as const satisfies readonly (readonly [DescService, object])[];

/** The methods, each behind what it must have seen. */
export function upToDate(methods: readonly Method[], forests: Forests): readonly Method[] {
  const needs = new Map<string, Need<AnyMessage>>();
  for (const [service, table] of services)
    for (const { localName, name } of service.methods)
      needs.set(`/${service.typeName}/${name}`, table[localName as keyof typeof table]);
  return methods.map((method) => {
    const need = needs.get(methodPath(method));
    assert(need !== undefined, `nothing says what ${methodPath(method)} must have seen`);
    return behind(method, need, forests);
  });
}

/** What a call answers; once more, where its forest was not known here because another broker has just made it. */
function findingForest<T>(forests: Forests, call: () => T | Promise<T>): T | Promise<T> {
  const again = async (error: unknown): Promise<T> => {
    if (!(error instanceof Refused) || error.rejection.reason !== 'FOREST_NOT_FOUND') throw error;
    const unknown = await forests.upToDate?.();
    if (unknown) orRefuse(unknown);
    return call();
  };
  try {
    const answer = call();
    return answer instanceof Promise ? answer.catch(again) : answer;
  } catch (error) {
    return again(error);
  }
}

function behind(method: Method, need: Need<AnyMessage>, forests: Forests): Method {
  const wait = async (request: AnyMessage): Promise<void> => {
    const enough = need(request);
    const name = 'forest' in request ? String(request.forest) : null;
    // What is about all forests, or about one that another broker may have just made.
    const isUnknown = name === null ? enough > 0 : 'reason' in forests.get(name);
    const unknown = isUnknown ? await forests.upToDate?.() : null;
    if (unknown) orRefuse(unknown);
    if (enough === 0 || name === null) return;
    const forest = orRefuse(forests.get(name));
    const refused = await forest.upToDate(enough);
    if (refused !== null) orRefuse(refused);
  };
  switch (method.kind) {
    case 'unary': {
      const handle = method.handle.bind(method);
      const handleBytes = method.handleBytes?.bind(method);
      // Those that read bytes by themselves are writes, which need nothing but their forest.
      if (handleBytes !== undefined)
        return {
          ...method,
          handle: (request: AnyMessage, call: Call) => findingForest(forests, () => handle(request, call)),
          handleBytes: (bytes: Uint8Array, call: Call) =>
            findingForest(forests, () => handleBytes(bytes, call)),
        };
      return {
        ...method,
        handle: async (request: AnyMessage, call: Call) => {
          await wait(request);
          return handle(request, call);
        },
      };
    }
    case 'server_streaming': {
      const handle = method.handle.bind(method);
      return {
        ...method,
        handle: async (request: AnyMessage, sink: Sink<AnyMessage>, call: Call) => {
          await wait(request);
          return handle(request, sink, call);
        },
      };
    }
    case 'client_streaming': {
      const handle = method.handle.bind(method);
      // Its requests are not read yet: what it needs cannot depend on them.
      const request = create(method.descriptor.input);
      return {
        ...method,
        handle: async (source: Source<AnyMessage>, call: Call) => {
          await wait(request);
          return handle(source, call);
        },
      };
    }
    case 'bidi_streaming':
      return method;
  }
}
