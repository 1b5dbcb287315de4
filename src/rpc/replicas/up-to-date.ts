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
import { orRefuse } from '../errors.ts';
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

function behind(method: Method, need: Need<AnyMessage>, forests: Forests): Method {
  const wait = async (request: AnyMessage): Promise<void> => {
    const enough = need(request);
    if (enough === 0) return;
    const forest = orRefuse(forests.get('forest' in request ? String(request.forest) : ''));
    const refused = await forest.upToDate(enough);
    if (refused !== null) orRefuse(refused);
  };
  switch (method.kind) {
    case 'unary': {
      // Those that read bytes by themselves are writes, which need nothing.
      if (method.handleBytes !== undefined) return method;
      const handle = method.handle.bind(method);
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
