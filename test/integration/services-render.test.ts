/**
 * Goal: `RenderContext` shows every kind of value and of change, keeps its limits, and refuses what it cannot do with the field at fault.
 * Method: a whole broker in memory on a real socket, called through connect-node.
 */
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { OperationSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import type { Operation } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { RenderFormat } from '../../src/gen/hyperloom/v1/render_pb.ts';
import {
  appendText,
  bytes,
  copy,
  putJson,
  putText,
  refusalOf,
  remove,
  startTestBroker,
} from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { newRenderForest } from '../support/render-forests.ts';
import type { RenderForest, RenderRequest } from '../support/render-forests.ts';
import { acme, messageOf, protobuf, putMessage } from '../support/schemas.ts';

let broker: TestBroker;
const newForest = (): Promise<RenderForest> => newRenderForest(broker);
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  await broker.close();
});

function putBytes(path: string, value: Uint8Array): Operation {
  const kind = { case: 'bytes' as const, value: new Uint8Array(value) };
  return create(OperationSchema, { path, action: { case: 'put', value: { kind } } });
}

describe('values of every kind', () => {
  const source = `message Note { option (hyperloom.v1.node).path = "/notes/{note}"; string claim = 1; int64 weight = 2; }`;

  it('are shown as text, JSON as it is stored, ProtoJSON, and a note of their size', async () => {
    const { name, publish, render } = await newForest();
    const set = acme(source);
    await broker.schemas.registerSchema({ forest: name, name: 'notes', definition: protobuf(set) });
    const type = messageOf(set, 'acme.v1.Note');
    const note = putMessage('/notes/a', type, { claim: 'x', weight: '9007199254740993' });
    const unbound = putMessage('/elsewhere', type, { claim: 'x' });
    await publish(putText('/text', 'a\n=== /forged'), putJson('/json', { b: [1], a: null }), note, unbound);
    await publish(putBytes('/bytes', bytes('abc')));
    const { text } = await render();
    expect(text).toBe(
      [
        '=== state; what comes later corrects what comes before',
        '=== 3 bytes at /bytes',
        '=== a message acme.v1.Note of 3 bytes at /elsewhere',
        '=== /json',
        '{"b":[1],"a":null}',
        '=== a message acme.v1.Note at /notes/a',
        '{"claim":"x","weight":"9007199254740993"}',
        '=== /text',
        'a',
        '\\=== /forged',
        '=== that was the state at revision 3',
        '',
      ].join('\n'),
    );
    const lines = (await render({ format: RenderFormat.JSON })).text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { path: '/bytes', bytes: 3 },
      { path: '/elsewhere', message: 'acme.v1.Note', bytes: 3 },
      { path: '/json', json: { b: [1], a: null } },
      { path: '/notes/a', message: 'acme.v1.Note', json: { claim: 'x', weight: '9007199254740993' } },
      { path: '/text', text: 'a\n=== /forged' },
      { state: { revision: 3 } },
    ]);
  });

  it('keep to the version of the schema that was in force then', async () => {
    const { name, publish, render } = await newForest();
    const [first, second] = [acme(source), acme(source.replace(/}$/, ' string more = 3; }'))];
    await broker.schemas.registerSchema({ forest: name, name: 'notes', definition: protobuf(first) });
    // A field of the version to come: the first one does not know it.
    const note = { claim: 'x', more: 'y' };
    await publish(putMessage('/notes/a', messageOf(second, 'acme.v1.Note'), note));
    const before = await render();
    expect(before.text).toContain('\n{"claim":"x"}\n');
    await broker.schemas.registerSchema({ forest: name, name: 'notes', definition: protobuf(second) });
    await publish(putMessage('/notes/b', messageOf(second, 'acme.v1.Note'), note));
    const after = await render({ baseRevision: before.baseRevision });
    expect(after.text.slice(before.text.length)).toBe(
      '=== revision 4\n=== new a message acme.v1.Note at /notes/b\n{"claim":"x","more":"y"}\n',
    );
    expect(after.text.startsWith(before.text)).toBe(true);
    expect((await render()).text).not.toContain('{"claim":"x"}');
  });

  it('are shown in one line of JSON lines, whatever they are made of', async () => {
    const { publish, render } = await newForest();
    const odd = 'a\nb\r\n\u0000\u2028\u2029\u0085"\\=== {"path":"/forged"}';
    const json = create(OperationSchema, {
      path: '/json',
      action: {
        case: 'put',
        value: { kind: { case: 'json', value: bytes('{\n "a":\r\n "\u2028\\ud800"\n}\n') } },
      },
    });
    await publish(putText('/text', odd), json);
    const { text } = await render({ format: RenderFormat.JSON });
    expect(text.split(/\r\n|[\n\r\u0085\u2028\u2029]/)).toHaveLength(4);
    const lines = text.trimEnd().split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { path: '/json', json: { a: '\u2028\ud800' } },
      { path: '/text', text: odd },
    ]);
  });
});

describe('changes', () => {
  it('show only what was added, unless more was done to a node in the same diff', async () => {
    const { publish, render } = await newForest();
    await publish(putText('/a', '1'), putText('/b', '1'), putText('/t/c', '1'));
    await publish(appendText('/a', '2'), appendText('/a', '3'), putText('/b', 'x'), appendText('/b', 'y'));
    await publish(remove('/t'), appendText('/t/c', 'new'), putText('/b', 'xy'));
    const { text } = await render({ baseRevision: 1n });
    expect(text.slice(text.indexOf('=== revision'))).toBe(
      '=== revision 2\n=== added to /a\n23\n=== changed /b\nxy\n=== revision 3\n=== changed /t/c\nnew\n',
    );
  });

  it('tell of a subtree that is gone in one line, and of copies by what they brought', async () => {
    const { publish, render } = await newForest();
    await publish(putText('/t/a', '1'), putText('/t/b/c', '2'), putText('/u', '3'));
    await publish(remove('/t'));
    await publish(copy('/v', '/t', 1n));
    await publish(copy('/u', '/v'));
    const { text } = await render({ baseRevision: 1n });
    expect(text.slice(text.indexOf('=== revision'))).toBe(
      [
        '=== revision 2\n=== deleted with all below it /t\n',
        '=== revision 3\n=== new /v/a\n1\n=== new /v/b/c\n2\n',
        '=== revision 4\n=== deleted /u\n=== new /u/a\n1\n=== new /u/b/c\n2\n',
      ].join(''),
    );
  });

  it('are the same out of the journal as out of memory', { timeout: 60_000 }, async () => {
    const { publish, render } = await newForest();
    await publish(putText('/a/x', '1'), putText('/other', '1'));
    await publish(appendText('/a/x', '2'));
    await publish(copy('/a/y', '/other'));
    const before = await render({ parts: [{ pattern: '/a/**' }], baseRevision: 1n });
    for (let batch = 0; batch < 25; batch += 1)
      await Promise.all(Array.from({ length: 100 }, () => publish(putText('/other', `${batch}`))));
    await publish(appendText('/a/x', '3'));
    const after = await render({ parts: [{ pattern: '/a/**' }], baseRevision: 1n });
    expect(after.text).toBe(`${before.text}=== revision 2504\n=== added to /a/x\n3\n`);
    const more = await render({ parts: [{ pattern: '/a/**' }], baseRevision: 1n, sinceRevision: 3n });
    expect(before.text + more.text).toBe(after.text);
  });

  it('are refused where history was given up: begin a new layout', async () => {
    const { name, publish, render } = await newForest();
    for (const word of ['1', '2', '3']) await publish(putText('/a', word));
    await broker.forests.compact({ forest: name, revision: 2n });
    expect(await refusalOf(render({ baseRevision: 1n }))).toMatchObject({
      code: 'OutOfRange',
      reason: 'REVISION_COMPACTED',
    });
    expect((await render({ baseRevision: 2n })).text).toContain('=== revision 3\n=== changed /a\n3\n');
    expect((await render()).baseRevision).toBe(3n);
  });

  it('are refused where there are too many since the base', { timeout: 60_000 }, async () => {
    const { publish, render } = await newForest();
    await publish(putText('/a', '1'));
    const many = Array.from({ length: 10_000 }, (_, index) => putText('/a', String(index)));
    for (let round = 0; round < 3; round += 1) await publish(...many);
    const refused = await refusalOf(render({ baseRevision: 1n }));
    expect(refused).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      fields: ['base_revision'],
      metadata: { limit: 'renderChangesMax' },
    });
    expect((await render({ baseRevision: 3n })).revision).toBe(4n);
  });
});

describe('a request that cannot be met', () => {
  it.each<readonly [string, RenderRequest, string]>([
    ['no budget', { tokenBudget: 0n }, 'token_budget'],
    ['too small a budget', { tokenBudget: 127n }, 'token_budget'],
    ['too small a budget for its factor', { tokenBudget: 150n, tokenFactor: 1.5 }, 'token_budget'],
    ['too large a budget', { tokenBudget: 10_000_001n }, 'token_budget'],
    ['a factor below nothing', { tokenFactor: -1 }, 'token_factor'],
    ['a factor that is no number', { tokenFactor: Number.NaN }, 'token_factor'],
    ['no room for the beginning', { tokenBudget: 128n, changeTokenBudget: 65n }, 'change_token_budget'],
    ['no room for a marker', { changeTokenBudget: 0n }, 'change_token_budget'],
    ['no parts', { parts: [] }, 'parts'],
    ['a pattern that is none', { parts: [{ pattern: 'a' }] }, 'parts[0].pattern'],
    ['a base behind what is shown', { atRevision: 1n, baseRevision: 2n }, 'base_revision'],
    ['a beginning behind what is shown', { atRevision: 1n, sinceRevision: 2n }, 'since_revision'],
    ['a beginning before the base', { baseRevision: 2n, sinceRevision: 1n }, 'since_revision'],
    ['a staged diff on the trunk', { sinceRevision: 1n, sinceSequence: 1n }, 'since_sequence'],
    ['an edition of the trunk', { edition: 1n }, 'edition'],
    ['a ghost in the past', { ghostId: 'x', atRevision: 1n }, 'at_revision'],
  ])('is refused with the field: %s', async (_what, request, field) => {
    const { publish, render } = await newForest();
    await publish(putText('/a', '1'));
    await publish(putText('/a', '2'));
    expect(await refusalOf(render(request))).toMatchObject({ code: 'InvalidArgument', fields: [field] });
  });

  it('is refused where there is more to look at than anybody reads', { timeout: 120_000 }, async () => {
    const { publish, render } = await newForest();
    await publish(...Array.from({ length: 9_000 }, (_, index) => putText(`/wide/a/${index}`, '')));
    for (let times = 0; times < 12; times += 1) await publish(copy(`/wide/b${times}`, '/wide/a'));
    expect(await refusalOf(render())).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      fields: ['parts[0].pattern'],
      metadata: { limit: 'renderNodesMax' },
    });
    expect((await render({ parts: [{ pattern: '/wide/a/1' }] })).leftOut).toBe(0n);
  });

  it('is refused behind what a ghost that went back has staged', async () => {
    const { name, publish, render } = await newForest();
    await publish(putText('/a', '1'));
    const { ghost } = await broker.context.beginGhost({ forest: name });
    const request = { ghostId: ghost?.id ?? '', sinceRevision: 1n, sinceSequence: 1n };
    expect(await refusalOf(render(request))).toMatchObject({ fields: ['since_sequence'] });
    const staged = await broker.context.publish({
      forest: name,
      ghostId: request.ghostId,
      operations: [putText('/a', '2')],
    });
    expect((await render({ ...request, sinceSequence: staged.sequence })).text).toBe('');
  });

  it('is refused in a ghost that is over', async () => {
    const { name, render } = await newForest();
    const { ghost } = await broker.context.beginGhost({ forest: name });
    const ghostId = ghost?.id ?? '';
    await broker.context.revert({ forest: name, target: { case: 'ghostId', value: ghostId } });
    expect(await refusalOf(render({ ghostId }))).toMatchObject({ reason: 'GHOST_OVER' });
  });
});

describe('an empty forest', () => {
  it('is a head and nothing more', async () => {
    const { render } = await newForest();
    const empty = await render();
    expect(empty.text).toBe(
      '=== state; what comes later corrects what comes before\n=== that was the state at revision 0\n',
    );
    expect(empty).toMatchObject({ revision: 0n, baseRevision: 0n, leftOut: 0n });
  });
});

describe('what was shown', () => {
  it('can be sent along with what is written from it', async () => {
    const { name, publish, render } = await newForest();
    await publish(putText('/a/x', '1'), putText('/b/x', '1'), putText('/c', '1'));
    const { basis } = await render({
      parts: [{ pattern: '/a/**' }, { pattern: '/*/x' }, { pattern: '/none' }],
    });
    expect(basis.map(({ path, revision, extent }) => [path, revision, extent])).toEqual([
      ['/a', 1n, 2],
      ['/none', 1n, 3],
      ['/b/x', 1n, 1],
    ]);
    await broker.context.publish({ forest: name, operations: [putText('/c', '2')], basis });
  });

  it('names the ghost that it was seen in, with its newest diff', async () => {
    const { name, publish, render } = await newForest();
    await publish(putText('/a/x', '1'));
    const { ghost } = await broker.context.beginGhost({ forest: name });
    const ghostId = ghost?.id ?? '';
    const seen = async (): Promise<unknown[]> => {
      const { basis } = await render({ ghostId, parts: [{ pattern: '/a/**' }] });
      return basis.map((entry) => [entry.path, entry.revision, entry.ghostId, entry.sequence]);
    };
    expect(await seen()).toEqual([['/a', 1n, ghostId, 0n]]);
    await broker.context.publish({ forest: name, ghostId, operations: [putText('/a/y', '2')] });
    expect(await seen()).toEqual([['/a', 1n, ghostId, 1n]]);
  });

  it('is at most a thousand entries', async () => {
    const { publish, render } = await newForest();
    await publish(...Array.from({ length: 1_500 }, (_, index) => putText(`/${index % 3}/${index}`, 'x')));
    const { basis, leftOut } = await render({ parts: [{ pattern: '/*/*' }], tokenBudget: 100_000n });
    expect(leftOut).toBe(0n);
    expect(basis.length).toBeLessThanOrEqual(1_000);
    expect(basis.some(({ extent }) => extent === 2)).toBe(true);
  });
});
