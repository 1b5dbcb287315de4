/**
 * Goal: a search finds what holds a text and nothing else, at the revision or in the ghost that was asked for, in pages of bounded work that
 * leave others their turn. Method: a whole broker on a real socket; random trees against a search of what `List` tells.
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { searchNodesPerPage } from '../../src/base/limits.ts';
import { SearchTarget, type SearchRequestSchema } from '../../src/gen/hyperloom/v1/search_pb.ts';
import {
  appendItems,
  appendText,
  putJson,
  putText,
  refusalOf,
  remove,
  startTestBroker,
} from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { acme, encoded, messageOf, protobuf, putEncoded, putMessage } from '../support/schemas.ts';

const set = acme(`message Note {
    option (hyperloom.v1.node).path = "/{s}/notes/{n}";
    string claim = 1; repeated string sources = 2; Origin origin = 3; bytes raw = 4;
  }
  message Origin { string url = 1; }`);
const note = messageOf(set, 'acme.v1.Note');

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
  await broker.schemas.registerSchema({ name: 'notes', definition: protobuf(set) });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

type Init = MessageInitShape<typeof SearchRequestSchema>;

/** All hits, a line each: the path, and the excerpt with what was found in brackets. */
async function found(request: Init): Promise<string[]> {
  const lines: string[] = [];
  let pageToken = '';
  do {
    const page = await broker.context.search({ ...request, pageToken });
    for (const { node, excerpt, excerptMatch, excerptMatchLength, field } of page.hits) {
      const characters = Array.from(excerpt);
      const end = excerptMatch + excerptMatchLength;
      const shown =
        excerpt === ''
          ? ''
          : ` ${characters.slice(0, excerptMatch).join('')}[${characters.slice(excerptMatch, end).join('')}]${characters.slice(end).join('')}`;
      lines.push(`${node?.path}${field === '' ? '' : ` ${field}:`}${shown}`);
      expect(node?.value).toBeUndefined();
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return lines;
}

const publish = (...operations: Parameters<typeof broker.context.publish>[0]['operations'] & {}) =>
  broker.context.publish({ operations });

describe('a search', () => {
  test('finds texts, JSON, items and fields of messages, whatever the case', async () => {
    await publish(
      putText('/kinds/text', 'The Needle in a text'),
      putJson('/kinds/json', { needle: 1, other: 'caf\u00e9' }),
      putJson('/kinds/escaped', 'a "NEEDLE"'),
      putJson('/kinds/list', []),
      putMessage('/kinds/notes/claim', note, {
        claim: 'ein Nädelchen',
        origin: { url: 'http://needle.example' },
      }),
      putMessage('/kinds/notes/none', note, { raw: Buffer.from('needle').toString('base64') }),
      putEncoded('/kinds/free', 'acme.v1.Note', encoded(note, { claim: 'needle' })),
      putText('/kinds/nothing', 'a pin'),
    );
    await publish(appendItems('/kinds/list', 'first', 'second needle'), appendText('/kinds/text', '!'));
    expect(await found({ path: '/kinds', query: 'nEEdle' })).toEqual([
      '/kinds/escaped "a \\"[NEEDLE]\\""',
      '/kinds/json {"[needle]":1,"other":"café"}',
      '/kinds/list ["first","second [needle]"]',
      '/kinds/notes/claim origin.url: http://[needle].example',
      '/kinds/text The [Needle] in a text!',
    ]);
    expect(await found({ path: '/kinds', query: 'NÄDEL' })).toEqual([
      '/kinds/notes/claim claim: ein [Nädel]chen',
    ]);
    expect(await found({ path: '/kinds', query: '"needle"' })).toEqual([
      '/kinds/escaped "a [\\"NEEDLE\\"]"',
      '/kinds/json {["needle"]:1,"other":"café"}',
    ]);
  });

  test('finds a node by its path, not all that is below it', async () => {
    await publish(
      putText('/named/alpha/beta', 'x'),
      putText('/named/alpha', 'has beta'),
      putText('/named/z', 'alpha'),
    );
    expect(await found({ path: '/named', query: 'ALPHA' })).toEqual(['/named/alpha', '/named/z [alpha]']);
    expect(await found({ path: '/named', query: 'alpha/b' })).toEqual(['/named/alpha/beta']);
    expect(await found({ path: '/named', query: 'alpha/' })).toEqual(['/named/alpha/beta']);
    const both = { path: '/named', query: 'beta' };
    expect(await found(both)).toEqual(['/named/alpha has [beta]', '/named/alpha/beta']);
    expect(await found({ ...both, target: SearchTarget.PATHS })).toEqual(['/named/alpha/beta']);
    expect(await found({ ...both, target: SearchTarget.VALUES })).toEqual(['/named/alpha has [beta]']);
    expect(await found({ path: '/named/alpha', query: 'alpha' })).toEqual(['/named/alpha']);
    expect(await found({ path: '/nowhere', query: 'alpha' })).toEqual([]);
  });

  test('shows the past and ghosts as they were asked for', async () => {
    const { revision: first } = await publish(putText('/time/a', 'old words'));
    await publish(putText('/time/a', 'new words'), putMessage('/time/notes/n', note, { claim: 'old hat' }));
    expect(await found({ path: '/time', query: 'old', atRevision: first })).toEqual(['/time/a [old] words']);
    expect(await found({ path: '/time', query: 'old' })).toEqual(['/time/notes/n claim: [old] hat']);
    const { ghost } = await broker.context.beginGhost({});
    const ghostId = ghost?.id ?? '';
    const operations = [putMessage('/time/notes/m', note, { claim: 'older' }), remove('/time/notes/n')];
    await broker.context.publish({ ghostId, operations, edition: ghost?.edition ?? 0n });
    expect(await found({ path: '/time', query: 'old', ghostId })).toEqual(['/time/notes/m claim: [old]er']);
    expect(await found({ path: '/time', query: 'old' })).toEqual(['/time/notes/n claim: [old] hat']);
  });

  test('comes in pages that show the state of the first one', async () => {
    await publish(...Array.from({ length: 30 }, (_, index) => putText(`/paged/${index + 10}`, 'same')));
    const { ghost } = await broker.context.beginGhost({});
    const ghostId = ghost?.id ?? '';
    for (const view of [{}, { ghostId }]) {
      const seen: string[] = [];
      const revisions = new Set<bigint>();
      let pageToken = '';
      do {
        const page = await broker.context.search({
          path: '/paged',
          query: 'same',
          pageSize: 7,
          pageToken,
          ...view,
        });
        seen.push(...page.hits.map(({ node }) => node?.path ?? ''));
        revisions.add(page.revision);
        pageToken = page.nextPageToken;
        await broker.context.publish({ operations: [remove('/paged/39')], ...view });
      } while (pageToken !== '');
      expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => `/paged/${index + 10}`));
      expect(revisions.size).toBe(1);
      await publish(putText('/paged/39', 'same'));
    }
  });

  test('looks at no more than so many nodes for a page, and goes on behind them', async () => {
    const total = searchNodesPerPage + 500;
    for (let from = 0; from < total; from += 10_000) {
      const count = Math.min(10_000, total - from);
      const names = Array.from({ length: count }, (_, index) => String(from + index).padStart(6, '0'));
      await publish(...names.map((name) => putText(`/many/${name}`, 'x')));
    }
    await publish(putText('/many/zz', 'the last one'));
    const first = await broker.context.search({ path: '/many', query: 'last one' });
    expect(first.hits).toEqual([]);
    expect(first.examined).toBe(BigInt(searchNodesPerPage));
    const { pageToken, nextPageToken, hits } = {
      pageToken: first.nextPageToken,
      ...(await broker.context.search({ path: '/many', query: 'last one', pageToken: first.nextPageToken })),
    };
    expect(pageToken).not.toBe('');
    expect([hits[0]?.node?.path, nextPageToken]).toEqual(['/many/zz', '']);
  });

  test('leaves others their turn while it looks through large values', async () => {
    const part = 'lorem ipsum '.repeat(160_000);
    await publish(putText('/large/a', part));
    for (let count = 0; count < 7; count += 1) await publish(appendText('/large/a', part));
    await publish(putText('/large/b', `${'x'.repeat(1_000_000)} found at last`));
    await publish(putText('/small', 'x'));
    let turns = 0;
    const state = { isOver: false };
    const searching = broker.context.search({ path: '/large', query: 'at last' }).finally(() => {
      state.isOver = true;
    });
    while (!state.isOver) {
      await broker.context.get({ path: '/small' });
      turns += 1;
    }
    expect((await searching).hits.map(({ node }) => node?.path)).toEqual(['/large/b']);
    // In one piece it would have let none or one of them through.
    expect(turns).toBeGreaterThan(2);
  });

  test('of random trees finds what a search of all values finds', async () => {
    const word = fc.string({ unit: fc.constantFrom(...Array.from('abÄä\n"😀')), minLength: 1, maxLength: 6 });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(word, fc.boolean()), { minLength: 1, maxLength: 20 }),
        word,
        async (values, query) => {
          round += 1;
          const tree = `/random/${round}`;
          await publish(
            ...values.map(([value, isJson], index) =>
              isJson ? putJson(`${tree}/${index}`, { v: value }) : putText(`${tree}/${index}`, value),
            ),
          );
          const wanted = values.flatMap(([value, isJson], index) => {
            const texts = isJson ? [value, JSON.stringify({ v: value })] : [value];
            const isIn = texts.some((text) => text.toLowerCase().includes(query.toLowerCase()));
            // What reaches over the quotes of a string is found as well, which no search of values would.
            return isIn || (isJson && query.includes('"')) ? [`${tree}/${index}`] : [];
          });
          const { hits } = await broker.context.search({
            path: tree,
            query,
            target: SearchTarget.VALUES,
            pageSize: 1_000,
          });
          const paths = new Set(hits.map(({ node }) => node?.path ?? ''));
          const isDoubtful = (path: string) =>
            query.includes('"') && values[Number(path.split('/').at(-1))]?.[1] === true;
          expect(wanted.filter((path) => !isDoubtful(path) && !paths.has(path))).toEqual([]);
          expect([...paths].filter((path) => !wanted.includes(path))).toEqual([]);
        },
      ),
      { seed: 11, numRuns: 100 },
    );
  });
});

describe('what a search refuses', () => {
  test('is told with the field', async () => {
    const refused = async (request: Init) => {
      const { reason, fields } = await refusalOf(broker.context.search(request));
      return [reason, ...fields].join(' ');
    };
    expect(await refused({ query: '' })).toBe('INVALID_REQUEST query');
    expect(await refused({ query: 'ä'.repeat(129) })).toBe('LIMIT_EXCEEDED query');
    expect(await refused({ query: 'x', path: 'a//b' })).toBe('INVALID_PATH path');
    expect(await refused({ query: 'x', target: 9 as SearchTarget })).toBe('INVALID_REQUEST target');
    expect(await refused({ query: 'x', pageSize: 1_001 })).toBe('LIMIT_EXCEEDED page_size');
    expect(await refused({ query: 'x', atRevision: 10_000n })).toBe('REVISION_IN_FUTURE');
    expect(await refused({ query: 'x', ghostId: 'nobody' })).toBe('GHOST_NOT_FOUND');
    expect(await refused({ query: 'x', ghostId: 'nobody', atRevision: 1n })).toBe(
      'INVALID_REQUEST at_revision',
    );
    expect(await refused({ query: 'x', pageToken: 'none' })).toBe('INVALID_PAGE_TOKEN page_token');
    const { nextPageToken } = await broker.context.search({ query: 'a', pageSize: 1 });
    expect(await refused({ query: 'b', pageToken: nextPageToken })).toBe('INVALID_PAGE_TOKEN page_token');
  });
});
