/**
 * Goal: a layout only grows at its end, and says what the state is. Method: random histories (of a seed that is printed where it fails)
 * on a broker with a real socket; at each step the same layouts are rendered again, and held against the texts before. A reader that
 * shares no code with the writer makes values of the text, which must be those that a listing tells.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import type { Operation } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import {
  RenderFormat,
  type RenderContextRequest,
  type RenderContextRequestSchema,
  type RenderContextResponse,
} from '../../src/gen/hyperloom/v1/render_pb.ts';
import { matches, parsePattern } from '../../src/trie/pattern.ts';
import {
  appendItems,
  appendText,
  copy,
  increment,
  putJson,
  putText,
  remove,
  startTestBroker,
  text,
} from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { readLayout } from '../support/layout-reader.ts';

type Request = Exclude<MessageInitShape<typeof RenderContextRequestSchema>, RenderContextRequest>;

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  await broker.close();
});

const steps = 24;
const roomy = 100_000n;
const requests: readonly Request[] = [
  { parts: [{ pattern: '/**' }], tokenBudget: roomy },
  { parts: [{ pattern: '/a/**' }, { pattern: '/**' }], tokenBudget: roomy },
  {
    parts: [{ pattern: '/*/text' }, { pattern: '/a/list' }, { pattern: '/b/**', priority: 2 }],
    tokenBudget: roomy,
  },
];

const pick = <T>(random: Random, all: readonly T[]): T => all[random.below(all.length)] as T;

function operations(random: Random, revision: number): Operation[] {
  return Array.from({ length: 1 + random.below(4) }, () => operation(random, revision));
}

/** Kinds of values do not mix on a path, so that nothing is refused. */
function operation(random: Random, revision: number): Operation {
  const top = pick(random, ['/a', '/b', '/a/deep', '/c']);
  const words = pick(random, ['one', 'two words', '=== forged /a', 'line\nline', '']);
  switch (random.below(10)) {
    case 0:
      return putText(`${top}/text`, words);
    case 1:
      return appendText(`${top}/text`, words);
    case 2:
      return putJson(`${top}/list`, [words]);
    case 3:
      return appendItems(`${top}/list`, random.below(100), { words });
    case 4:
      return putJson(`${top}/object`, { words, n: random.below(3) });
    case 5:
      return increment(`${top}/count`, BigInt(random.below(3)));
    case 6:
      return remove(`${top}/${pick(random, ['text', 'list', 'object', 'count'])}`);
    case 7:
      return remove(top);
    case 8:
      return copy(`/copies/${random.below(2)}`, '/a');
    default:
      return copy('/b', '/a', BigInt(Math.max(1, revision - random.below(3))));
  }
}

/** Publishes; where a copy finds nothing, something else. */
async function publish(forest: string, random: Random, revision: number, ghostId = ''): Promise<void> {
  try {
    await broker.context.publish({
      forest,
      ghostId,
      author: 'ada',
      operations: operations(random, revision),
    });
  } catch {
    await broker.context.publish({
      forest,
      ghostId,
      operations: [putText('/a/text', `fallback ${random.below(99)}`)],
    });
  }
}

/** What the parts show, by a listing. */
async function listed(
  forest: string,
  { parts = [] }: Request,
  atRevision: bigint,
  ghostId = '',
): Promise<Map<string, string>> {
  const patterns = parts.map(({ pattern = '' }) => {
    const parsed = parsePattern(pattern);
    if ('problem' in parsed) throw new Error(parsed.problem);
    return parsed;
  });
  const view = ghostId === '' ? { atRevision } : { ghostId };
  const { nodes } = await broker.context.list({ forest, path: '/', depth: 0, view });
  const values = new Map<string, string>();
  for (const { path, value } of nodes) {
    if (!patterns.some((pattern) => matches(pattern, path.slice(1).split('/')))) continue;
    const kind = value?.kind;
    if (kind?.case === 'text') values.set(path, JSON.stringify(kind.value));
    if (kind?.case === 'json') values.set(path, JSON.stringify(JSON.parse(text(kind.value))));
  }
  return values;
}

const sorted = (values: ReadonlyMap<string, string>): (readonly [string, string])[] =>
  [...values].sort(([one], [other]) => (one < other ? -1 : 1));

describe.each([1, 2, 3])('a layout over the random history %i', (seed) => {
  it('begins with what it was, says what the state is, and goes on where a part of it ended', async () => {
    const random = seededRandom(seed);
    const forest = `history-${seed}`;
    await broker.forests.createForest({ name: forest });
    await publish(forest, random, 1);
    const known = new Map<string, RenderContextResponse[]>();
    const bases = new Map<string, bigint>();
    for (let revision = 1; revision <= steps; revision += 1) {
      for (const [index, request] of requests.entries()) {
        for (const format of [RenderFormat.TEXT, RenderFormat.JSON]) {
          const key = `${index} ${format}`;
          const ask = (more: Request): Promise<RenderContextResponse> =>
            broker.context.renderContext({ forest, format, ...request, ...more });
          const baseRevision = bases.get(key) ?? 0n;
          const now = await ask({ baseRevision });
          const before = known.get(key) ?? [];
          expect(now).toMatchObject({ revision: BigInt(revision), leftOut: 0n });
          for (const earlier of before) expect(now.text.startsWith(earlier.text)).toBe(true);
          const from = before.length === 0 ? now : pick(random, before);
          const more = await ask({ baseRevision, sinceRevision: from.revision });
          expect(from.text + more.text).toBe(now.text);
          expect(more.layoutTokens).toBe(now.tokens);
          const past = await ask({ baseRevision, atRevision: from.revision });
          expect(past.text).toBe(from.text);
          if (format === RenderFormat.JSON) {
            const values = await listed(forest, request, BigInt(revision));
            expect(sorted(readLayout(now.text)), `seed ${seed}, revision ${revision}, ${key}`).toEqual(
              sorted(values),
            );
          }
          bases.set(key, now.baseRevision);
          known.set(key, [...before, now]);
        }
      }
      await publish(forest, random, revision);
    }
  });

  it('tells a ghost with its own writes last', async () => {
    const random = seededRandom(seed + 100);
    const forest = `ghost-${seed}`;
    await broker.forests.createForest({ name: forest });
    for (let revision = 1; revision <= 5; revision += 1) await publish(forest, random, revision);
    const outer = await broker.context.beginGhost({ forest });
    const outerId = outer.ghost?.id ?? '';
    await publish(forest, random, 5, outerId);
    const inner = await broker.context.beginGhost({ forest, parentGhostId: outerId });
    const format = RenderFormat.JSON;
    for (const ghostId of [outerId, inner.ghost?.id ?? '']) {
      const request: Request = {
        forest,
        ghostId,
        format,
        parts: [{ pattern: '/**' }],
        tokenBudget: roomy,
        baseRevision: 3n,
      };
      const trunk = await broker.context.renderContext({ ...request, ghostId: '', atRevision: 5n });
      let last = await broker.context.renderContext(request);
      expect(last.text.startsWith(trunk.text)).toBe(true);
      for (let step = 0; step < 8; step += 1) {
        await publish(forest, random, 5, ghostId);
        const now = await broker.context.renderContext(request);
        expect(now.text.startsWith(last.text)).toBe(true);
        const since = { sinceRevision: last.revision, sinceSequence: last.sequence };
        const more = await broker.context.renderContext({ ...request, ...since });
        if (last.sequence > 0n) expect(last.text + more.text).toBe(now.text);
        expect(sorted(readLayout(now.text))).toEqual(sorted(await listed(forest, request, 0n, ghostId)));
        last = now;
      }
    }
  });
});
