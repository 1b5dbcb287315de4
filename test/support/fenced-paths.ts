/** Every way in which a write can reach a locked subtree, prepared before it is locked. */
import { create } from '@bufbuild/protobuf';
import { type Operation, OperationSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { PublishStreamRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { appendText, copy, describeRefusal, increment, putText, remove } from './broker.ts';
import type { TestClients } from './broker.ts';

/** What goes along with a write. */
export interface Fence {
  readonly fencingTokens?: bigint[];
  readonly lockWait?: { readonly seconds?: bigint; readonly nanos?: number };
  readonly requestId?: string;
}

type Context = TestClients['context'];

/** Writes somewhere at or below `/TREE/locked`, or above it. Tells `ok` or the reason of the refusal. */
export type Write = (fence: Fence) => Promise<string>;

/** Prepares a write of each kind. */
export const fencedPaths: Readonly<Record<string, (context: Context, tree: string) => Promise<Write>>> = {
  'a publish': (context, tree) => publishing(context, [putText(`/${tree}/locked/a`, 'x')]),
  'an append': (context, tree) => publishing(context, [appendText(`/${tree}/locked/b`, 'x')]),
  'an increment': (context, tree) => publishing(context, [increment(`/${tree}/locked/n`, 1n)]),
  'a delete below': (context, tree) => publishing(context, [remove(`/${tree}/locked/c`)]),
  'a delete of an ancestor': (context, tree) => publishing(context, [remove(`/${tree}`)]),
  'a delete of the node': async (context, tree) => {
    const operation = { path: `/${tree}/locked`, action: { case: 'delete', value: { scope: 2 } } } as const;
    return publishing(context, [create(OperationSchema, operation)]);
  },
  'a copy into it': async (context, tree) => {
    await context.publish({ operations: [putText(`/${tree}-source/a`, 'x')] });
    return publishing(context, [copy(`/${tree}/locked/copied`, `/${tree}-source`)]);
  },
  'a copy over an ancestor': async (context, tree) => {
    await context.publish({ operations: [putText(`/${tree}-source/a`, 'x')] });
    return publishing(context, [copy(`/${tree}`, `/${tree}-source`)]);
  },
  'one of many operations': (context, tree) =>
    publishing(context, [putText(`/${tree}/free`, 'x'), putText(`/${tree}/locked/a`, 'x')]),
  'a publish on a stream': async (context, tree) => (fence) => streamed(context, tree, fence),
  'a publish into a ghost': async (context, tree) => {
    const { ghost } = await context.beginGhost({});
    const operations = [putText(`/${tree}/locked/g`, 'x')];
    return (fence) => told(context.publish({ ghostId: ghost?.id ?? '', operations, ...fence }));
  },
  'a commit': async (context, tree) => {
    const { ghost } = await context.beginGhost({});
    const ghostId = ghost?.id ?? '';
    await context.publish({ ghostId, operations: [putText(`/${tree}/locked/${ghostId}`, 'x')] });
    return (fence) => told(context.commit({ ghostId, ...fence }));
  },
  'a commit into a parent': async (context, tree) => {
    const { ghost: parent } = await context.beginGhost({});
    const { ghost } = await context.beginGhost({ parentGhostId: parent?.id ?? '' });
    const ghostId = ghost?.id ?? '';
    await context.publish({ ghostId, operations: [putText(`/${tree}/locked/${ghostId}`, 'x')] });
    return (fence) => told(context.commit({ ghostId, ...fence }));
  },
  'a revert of a trunk revision': async (context, tree) => {
    const { ghost } = await context.beginGhost({});
    const { revision } = await context.publish({
      operations: [putText(`/${tree}/locked/${ghost?.id}`, 'x')],
    });
    return (fence) => told(context.revert({ target: { case: 'revision', value: revision }, ...fence }));
  },
};

async function publishing(context: Context, operations: Operation[]): Promise<Write> {
  return (fence) => told(context.publish({ operations, ...fence }));
}

async function streamed(context: Context, tree: string, fence: Fence): Promise<string> {
  async function* requests() {
    const publish = { operations: [putText(`/${tree}/locked/s`, 'x')], ...fence };
    yield create(PublishStreamRequestSchema, { publish });
  }
  for await (const { outcome } of context.publishStream(requests())) {
    return outcome.case === 'refused' ? outcome.value.reason : 'ok';
  }
  return 'no outcome';
}

async function told(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    const { reason, code } = describeRefusal(error);
    return reason === '' ? code : reason;
  }
}
