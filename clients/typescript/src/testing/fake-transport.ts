/** A transport that answers unary calls by functions of a test, at once or when the test says so: for courses in which time is moved by hand. */
import { create, type DescMessage, type DescMethodUnary, type MessageShape } from '@bufbuild/protobuf';
import { makeError } from '../errors.ts';
import type { CallLimits, Transport } from '../transport.ts';

/** Answers one method; throws to refuse. */
export type Answer = (request: never, limits: CallLimits) => object | Promise<object>;

/** Answers methods by their names, such as `KeepAlive`; everything else is UNIMPLEMENTED. Aborted signals end calls as in real ones. */
export function fakeTransport(methods: Readonly<Record<string, Answer>>): Transport {
  const unimplemented = (): never => {
    throw makeError({ code: 'UNIMPLEMENTED', message: 'not part of this test' });
  };
  return {
    async unary<I extends DescMessage, O extends DescMessage>(
      method: DescMethodUnary<I, O>,
      request: MessageShape<I>,
      limits: CallLimits,
    ): Promise<MessageShape<O>> {
      const answer = methods[method.name] ?? unimplemented;
      limits.signal?.throwIfAborted();
      const aborted = new Promise<never>((_resolve, reject) => {
        limits.signal?.addEventListener('abort', () => reject(limits.signal?.reason));
      });
      // The answer may come, or fail, first.
      aborted.catch(() => undefined);
      const content = await Promise.race([answer(request as never, limits), aborted]);
      return create(method.output, content as never);
    },
    serverStreaming: unimplemented,
    clientStreaming: unimplemented,
    openPublishStream: undefined,
    close: () => undefined,
  };
}
