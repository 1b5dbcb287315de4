/**
 * Goal: a part of a rendering is one part, however many grants its reader sees it by. Method: the same nodes rendered for who may see all of them
 * and for who may see them piece by piece.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RenderPartSchema } from '../../src/gen/hyperloom/v1/render_pb.ts';
import { putText } from '../support/broker.ts';
import { startGuardedBroker, until, type GuardedBroker, type Principal } from './guarded-broker.ts';

const trees = ['a', 'b', 'c', 'd', 'e', 'f'];
let guarded: GuardedBroker;
let root: Principal;
let alice: Principal;

beforeAll(async () => {
  guarded = await startGuardedBroker({
    grants: [
      { principals: 'root', may: 'all' },
      { principals: 'alice', paths: trees.map((tree) => `/s/${tree}/**`).reverse(), may: 'read' },
    ],
  });
  root = guarded.as(guarded.token('root'));
  alice = guarded.as(guarded.token('alice'));
  await until(async () =>
    Promise.all([root.context.list({}), alice.context.list({})]).then(
      () => true,
      () => false,
    ),
  );
  const nodes = Array.from({ length: 20 }, (_, node) => `words and more words in the value number ${node}`);
  const operations = trees.flatMap((tree) =>
    nodes.map((value, node) => putText(`/s/${tree}/${node}`, value)),
  );
  await root.context.publish({ operations });
});
afterAll(() => guarded.close());

type Parts = readonly MessageInitShape<typeof RenderPartSchema>[];

const rendered = async ({ context }: Principal, parts: Parts, tokenBudget = 5_000n) => {
  const { text, tokens, leftOut } = await context.renderContext({ parts: [...parts], tokenBudget });
  return { text, tokens, leftOut };
};

test.each<Parts>([
  [{ pattern: '/s/**', tokenBudget: 100n }],
  [
    { pattern: '/s/*/1', tokenBudget: 60n },
    { pattern: '/s/**', tokenBudget: 60n, priority: 1 },
  ],
])('the tokens of a part are shared by all that is seen of it', async (...parts) => {
  expect(await rendered(alice, parts)).toEqual(await rendered(root, parts));
});

test('the nodes of a part are in the order of their paths', async () => {
  const parts = [{ pattern: '/s/**' }];
  expect(await rendered(alice, parts, 100_000n)).toEqual(await rendered(root, parts, 100_000n));
});
