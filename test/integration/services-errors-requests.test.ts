/**
 * Goal: requests beside publishes that are malformed or beyond a limit are refused with a reason and the field at fault. Method: a
 * table of them, sent to a whole broker in memory on a real socket.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  CommitIsolation,
  HistoryOrder,
  ListDetail,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { GhostState } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import type { Reason } from '../../src/state/outcome.ts';
import { putText, refusalOf, startTestBroker, type TestBroker } from '../support/broker.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
  await broker.context.publish({ operations: [putText('/text', 'x')] });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

const context = () => broker.context;
const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

const cases: readonly (readonly [string, () => Promise<unknown>, Reason, string | undefined])[] = [
  ['Get without a path', () => context().get({}), 'INVALID_PATH', 'path'],
  ['BatchGet of nothing', () => context().batchGet({}), 'INVALID_REQUEST', 'paths'],
  ['BatchGet of too many', () => context().batchGet({ paths: many(1_001, '/a') }), 'LIMIT_EXCEEDED', 'paths'],
  ['BatchGet of no path', () => context().batchGet({ paths: ['/a', 'b'] }), 'INVALID_PATH', 'paths[1]'],
  ['List in large pages', () => context().list({ pageSize: 10_001 }), 'LIMIT_EXCEEDED', 'page_size'],
  ['List of unknown detail', () => context().list({ detail: 5 as ListDetail }), 'INVALID_REQUEST', 'detail'],
  [
    'History in an unknown order',
    () => context().history({ order: 3 as HistoryOrder }),
    'INVALID_REQUEST',
    'order',
  ],
  ['History in large pages', () => context().history({ pageSize: 1_001 }), 'LIMIT_EXCEEDED', 'page_size'],
  ['Blame without a path', () => context().blame({}), 'INVALID_PATH', 'path'],
  [
    'Blame of the future',
    () => context().blame({ path: '/text', atRevision: 2n ** 64n - 1n }),
    'REVISION_IN_FUTURE',
    undefined,
  ],
  [
    'BeginGhost for a moment',
    () => context().beginGhost({ ttl: { seconds: 0n, nanos: 5 } }),
    'INVALID_REQUEST',
    'ttl',
  ],
  [
    'BeginGhost for ever',
    () => context().beginGhost({ ttl: { seconds: 86_401n } }),
    'INVALID_REQUEST',
    'ttl',
  ],
  [
    'BeginGhost for a negative time',
    () => context().beginGhost({ ttl: { seconds: -60n } }),
    'INVALID_REQUEST',
    'ttl',
  ],
  [
    'BeginGhost for no duration',
    () => context().beginGhost({ ttl: { seconds: 60n, nanos: -1 } }),
    'INVALID_REQUEST',
    'ttl',
  ],
  ['BeginGhost nowhere', () => context().beginGhost({ scope: 'x' }), 'INVALID_PATH', 'scope'],
  ['BeginGhost in nobody', () => context().beginGhost({ parentGhostId: 'x' }), 'GHOST_NOT_FOUND', undefined],
  [
    'BeginGhost in the future',
    () => context().beginGhost({ baseRevision: 2n ** 64n - 1n }),
    'REVISION_IN_FUTURE',
    undefined,
  ],
  ['Checkpoint of nobody', () => context().checkpoint({ name: 'c' }), 'INVALID_REQUEST', 'ghost_id'],
  ['Checkpoint without a name', () => context().checkpoint({ ghostId: 'x' }), 'INVALID_REQUEST', 'name'],
  [
    'Checkpoint with a long name',
    () => context().checkpoint({ ghostId: 'x', name: 'n'.repeat(129) }),
    'LIMIT_EXCEEDED',
    'name',
  ],
  ['Commit of nobody', () => context().commit({}), 'INVALID_REQUEST', 'ghost_id'],
  [
    'Commit of an unknown isolation',
    () => context().commit({ ghostId: 'x', isolation: 9 as CommitIsolation }),
    'INVALID_REQUEST',
    'isolation',
  ],
  ['Revert of nothing', () => context().revert({}), 'INVALID_REQUEST', 'target'],
  [
    'Revert of revision 0',
    () => context().revert({ target: { case: 'revision', value: 0n } }),
    'INVALID_REQUEST',
    'revision',
  ],
  [
    'Revert of nobody',
    () => context().revert({ target: { case: 'rewind', value: {} } }),
    'INVALID_REQUEST',
    'rewind.ghost_id',
  ],
  [
    'Revert for a long reason',
    () => context().revert({ target: { case: 'ghostId', value: 'x' }, reason: 'r'.repeat(4_097) }),
    'LIMIT_EXCEEDED',
    'reason',
  ],
  ['GetGhost of nobody', () => context().getGhost({}), 'INVALID_REQUEST', 'ghost_id'],
  [
    'ListGhosts in a strange state',
    () => context().listGhosts({ state: 99 as GhostState }),
    'INVALID_REQUEST',
    'state',
  ],
  ['KeepAlive of nobody', () => context().keepAlive({}), 'INVALID_REQUEST', 'ghost_ids'],
  [
    'KeepAlive of too many',
    () => context().keepAlive({ ghostIds: many(1_001, 'x') }),
    'LIMIT_EXCEEDED',
    'ghost_ids',
  ],
  [
    'Backup of nowhere',
    async () => {
      for await (const _ of broker.forests.backup({ forest: 'nowhere' }));
    },
    'FOREST_NOT_FOUND',
    undefined,
  ],
];

test.each(cases)('%s', async (_name, call, reason, field) => {
  const refused = await refusalOf(call());
  expect(refused).toMatchObject({ reason, fields: field === undefined ? [] : [field] });
  expect(refused.message.length).toBeGreaterThan(10);
});
