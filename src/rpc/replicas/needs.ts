/**
 * What each RPC must have seen of a forest that several brokers share, before it looks at this one's view of it. The tables are total by
 * their types: an RPC without a line does not compile.
 */
import type { DescMethod, MessageShape } from '@bufbuild/protobuf';
import type {
  ContextService,
  DiffRequest,
  ReadView,
  SubscribeRequest,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { ForestService } from '../../gen/hyperloom/v1/forest_service_pb.ts';
import type { LockService } from '../../gen/hyperloom/v1/lock_service_pb.ts';
import type { ReviewService } from '../../gen/hyperloom/v1/review_service_pb.ts';
import type { SchemaService } from '../../gen/hyperloom/v1/schema_service_pb.ts';

/** The revision that is enough: 0 is any view, `newest` all that was acknowledged to anybody. */
export type Need<Request> = (request: Request) => number;

export type Needs<Service extends { readonly method: Readonly<Record<string, DescMethod>> }> = {
  readonly [Name in keyof Service['method']]: Need<MessageShape<Service['method'][Name]['input']>>;
};

const newest = Infinity;
const always = (): number => newest;
/** What it says comes of the command's own place in the log. */
const nothing = (): number => 0;

export const contextNeeds: Needs<typeof ContextService> = {
  publish: nothing,
  publishStream: nothing,
  get: ({ view }) => neededBy(view),
  batchGet: ({ view }) => neededBy(view),
  list: ({ view }) => neededBy(view),
  subscribe: neededByStart,
  beginGhost: always,
  checkpoint: always,
  commit: always,
  revert: always,
  getGhost: always,
  listGhosts: always,
  keepAlive: always,
  history: always,
  diff: neededByDiff,
  blame: ({ atRevision }) => Number(atRevision) || newest,
  search: ({ atRevision, ghostId }) => (ghostId === '' ? Number(atRevision) || newest : newest),
  renderContext({ atRevision, ghostId, atLeastRevision }) {
    if (ghostId !== '') return newest;
    return atRevision !== 0n ? Number(atRevision) : Number(atLeastRevision) || newest;
  },
  trace: always,
};

export const lockNeeds: Needs<typeof LockService> = {
  grantLease: always,
  endLease: always,
  listLeases: always,
  acquireLock: always,
  releaseLock: always,
  inspectLocks: always,
};

export const reviewNeeds: Needs<typeof ReviewService> = {
  listReviews: always,
  subscribeReviews: always,
  review: always,
};

export const schemaNeeds: Needs<typeof SchemaService> = {
  registerSchema: always,
  validateSchema: always,
  getSchema: always,
  listSchemas: always,
  setUnboundPaths: always,
};

export const forestNeeds: Needs<typeof ForestService> = {
  createForest: nothing,
  listForests: always,
  deleteForest: nothing,
  compact: always,
  backup: always,
  restore: nothing,
  // It tells of this broker, whether the log is there or not.
  getStatus: nothing,
};

function neededBy(view: ReadView | undefined): number {
  if (view?.consistency.case === 'stale') return 0;
  if (view === undefined || view.ghostId !== '') return newest;
  if (view.atRevision !== 0n) return Number(view.atRevision);
  return view.consistency.case === 'atLeastRevision' ? Number(view.consistency.value) : newest;
}

/** The past is the same on all brokers, and whether the journal is there or not. */
function neededByDiff({ sides }: DiffRequest): number {
  if (sides.case !== 'revisions' || sides.value.toRevision === 0n) return newest;
  return Math.max(Number(sides.value.fromRevision), Number(sides.value.toRevision));
}

function neededByStart({ start, scope }: SubscribeRequest): number {
  return start.case === 'afterRevision' && scope.case !== 'ghostId' ? Number(start.value) : newest;
}
