/** A valid request for each method, on a broker that has all that it names. */
import { crc32 } from 'node:zlib';
import type { DescMethod } from '@bufbuild/protobuf';

import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { UnboundPaths } from '../../src/gen/hyperloom/v1/schema_pb.ts';
import { ReviewDecision } from '../../src/gen/hyperloom/v1/review_service_pb.ts';
import { putJson, putText } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { acme, protobuf } from '../support/schemas.ts';

/** Long enough for any run. */
const ttl = { seconds: 80_000n };

const json = new TextEncoder().encode('{"type": "integer"}');
const definition = { kind: { case: 'jsonSchema' as const, value: { path: '/typed/{name}', json } } };

/** Fields of a request; for an upload, of its first message. */
export type Fields = Readonly<Record<string, unknown>>;

/** What the requests find. */
export async function furnish({ context, forests, locks, schemas }: TestBroker): Promise<void> {
  await schemas.registerSchema({ name: 'integers', definition });
  const pinned = acme('message Pinned { option (hyperloom.v1.node).path = "/pinned/{n}"; string name = 1; }');
  await schemas.registerSchema({ name: 'pinned', definition: protobuf(pinned) });
  await forests.createForest({ name: 'kept' });
  await context.publish({ forest: 'kept', operations: [putText('/safe', 'and sound')] });
  await context.publish({
    operations: [putText('/a/text', 'x'), putJson('/a/json', { a: 1 }), putJson('/a/list', [1])],
  });
  await context.publish({ operations: [putJson('/a/count', 1), putText('/a/text', 'y')] });
  const { lease } = await locks.grantLease({ ttl });
  await locks.acquireLock({
    owner: { case: 'leaseId', value: lease?.id ?? '' },
    targets: [{ path: '/locked', mode: LockMode.EXCLUSIVE }],
  });
}

let count = 0;

function unique(prefix: string): string {
  count += 1;
  return `${prefix}-${count}`;
}

async function newGhost({ context }: TestBroker): Promise<string> {
  const { ghost } = await context.beginGhost({ ttl });
  const ghostId = ghost?.id ?? '';
  await context.publish({ ghostId, operations: [putText(`/ghosts/${unique('node')}`, 'x')] });
  return ghostId;
}

async function newLease({ locks }: TestBroker): Promise<string> {
  const { lease } = await locks.grantLease({ ttl });
  return lease?.id ?? '';
}

async function newLock({ locks }: TestBroker): Promise<Fields> {
  const targets = [{ path: `/locks/${unique('lock')}`, mode: LockMode.EXCLUSIVE }];
  const { lock } = await locks.acquireLock({ owner: { case: 'ttl', value: ttl }, targets });
  return { lockId: lock?.id, leaseId: lock?.leaseId };
}

async function newReview({ context, reviews }: TestBroker): Promise<Fields> {
  const gates = [{ kind: { case: 'review' as const, value: { reviewer: 'editor' } } }];
  const { ghost } = await context.beginGhost({ ttl, gates });
  const ghostId = ghost?.id ?? '';
  await context.publish({ ghostId, operations: [putText(`/reviews/${unique('node')}`, 'x')] });
  context.commit({ ghostId }).catch(() => undefined);
  for (;;) {
    const { reviews: open } = await reviews.listReviews({ reviewer: 'editor', pageSize: 1_000 });
    const review = open.find((each) => each.ghost?.id === ghostId);
    if (review !== undefined)
      return { ghostId, reviewer: 'editor', edition: review.edition, decision: ReviewDecision.APPROVE };
  }
}

async function newForest({ forests }: TestBroker): Promise<Fields> {
  const name = unique('forest');
  await forests.createForest({ name });
  return { name };
}

/** By method. Made anew after each request that was taken, since that may have used up what it named. */
const requests: Readonly<Record<string, (broker: TestBroker) => Fields | Promise<Fields>>> = {
  // An array, so that items can be appended to what a put with something ignored in it has left.
  Publish: () => ({ operations: [putJson('/new/node', [])] }),
  PublishStream: () => ({ publish: { operations: [putJson('/new/node', [])] } }),
  Get: () => ({ path: '/a/text' }),
  BatchGet: () => ({ paths: ['/a/text'] }),
  List: () => ({ path: '/a', depth: 1 }),
  Subscribe: () => ({
    patterns: ['/a/**'],
    start: { case: 'snapshot', value: {} },
    bookmarkInterval: { nanos: 100_000_000 },
  }),
  BeginGhost: () => ({ ttl }),
  Checkpoint: async (broker) => ({ ghostId: await newGhost(broker), name: 'checkpoint' }),
  Commit: async (broker) => ({ ghostId: await newGhost(broker) }),
  Revert: async (broker) => ({ target: { case: 'ghostId', value: await newGhost(broker) } }),
  GetGhost: async (broker) => ({ ghostId: await newGhost(broker) }),
  ListGhosts: () => ({}),
  KeepAlive: async (broker) => ({ ghostIds: [await newGhost(broker)], leaseIds: [await newLease(broker)] }),
  History: () => ({ path: '/a' }),
  Diff: () => ({ sides: { case: 'revisions', value: { fromRevision: 1n, toRevision: 2n } } }),
  Blame: () => ({ path: '/a/text' }),
  Search: () => ({ query: 'x' }),
  RenderContext: () => ({ parts: [{ pattern: '/a/**' }], tokenBudget: 1_000n }),
  Trace: async (broker) => ({
    start: { case: 'ghostDiff', value: { ghostId: await newGhost(broker), sequence: 1n } },
    path: '/a/text',
    hops: 2,
  }),
  GrantLease: () => ({ ttl }),
  EndLease: async (broker) => ({ leaseId: await newLease(broker) }),
  ListLeases: () => ({}),
  AcquireLock: () => ({
    targets: [{ path: `/locks/${unique('free')}`, mode: LockMode.EXCLUSIVE }],
    wait: {},
  }),
  ReleaseLock: newLock,
  InspectLocks: () => ({}),
  ListReviews: () => ({}),
  SubscribeReviews: () => ({}),
  Review: newReview,
  CreateForest: () => ({ name: unique('forest') }),
  ListForests: () => ({}),
  DeleteForest: newForest,
  Compact: () => ({ revision: 1n }),
  Backup: () => ({ resume: { position: 1n, bytes: 3n, checksum: crc32('hyp') } }),
  Restore: () => ({ forest: unique('restored') }),
  GetStatus: () => ({}),
  RegisterSchema: () => ({ name: 'integers', definition }),
  ValidateSchema: () => ({ name: 'integers', definition }),
  GetSchema: () => ({ name: 'integers' }),
  ListSchemas: () => ({}),
  SetUnboundPaths: () => ({ forest: 'kept', unboundPaths: UnboundPaths.FREE }),
};

export async function requestFor(broker: TestBroker, { name }: DescMethod): Promise<Fields> {
  const make = requests[name];
  if (make === undefined)
    throw new Error(`no valid request is known for ${name}: add one to test/bad-input/requests.ts`);
  return make(broker);
}
