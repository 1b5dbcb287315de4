/** Goal: a window asks for what it needs and begins anew when it should. Method: answers by hand. */
import { expect, test } from 'vitest';
import { Agent } from './agent.ts';
import { BasisRecord } from './basis.ts';
import { ContextWindow } from './context-window.ts';
import { makeError, UnavailableError } from './errors.ts';
import type { RenderedContext, RenderOptions } from './render.ts';

type Answer = Partial<RenderedContext> | Error;

function setUp(answers: readonly Answer[], isInGhost = false) {
  const asked: RenderOptions[] = [];
  const agent = new Agent('', 'default', new BasisRecord());
  const render = async (options: RenderOptions): Promise<RenderedContext> => {
    const answer = answers[asked.length];
    asked.push(options);
    if (answer instanceof Error) throw answer;
    const { baseRevision = 1, revision = 1 } = answer ?? {};
    const zeros = { sequence: 0, tokens: 0, layoutTokens: 0, baseBytes: 0, leftOut: 0, leftOutTokens: 0 };
    return { ...zeros, rebasedTokens: 100, text: '', basis: [], ...answer, baseRevision, revision };
  };
  return { asked, agent, window: new ContextWindow(render, agent, isInGhost, { tokenBudget: 500 }) };
}

test('it asks for what comes behind its text, and adds it', async () => {
  const { asked, window } = setUp([
    { text: 'one\n', layoutTokens: 100 },
    { text: 'two\n', layoutTokens: 150, revision: 4 },
  ]);
  expect(await window.update()).toMatchObject({ text: 'one\n', rebased: false, tokens: 100 });
  expect(await window.update()).toMatchObject({ text: 'one\ntwo\n', added: 'two\n', rebased: false });
  expect(asked).toMatchObject([
    { tokenBudget: 500 },
    { tokenBudget: 500, baseRevision: 1, sinceRevision: 1 },
  ]);
  expect(asked[0]).not.toHaveProperty('baseRevision');
});

test.each<[string, Answer]>([
  ['it takes more than twice what a new layout would', { layoutTokens: 201 }],
  ['the budget has left changes out', { leftOut: 1 }],
  [
    'its history was given up',
    makeError({ code: 'OUT_OF_RANGE', message: '', reason: 'REVISION_COMPACTED' }),
  ],
  ['too much has changed', makeError({ code: 'INVALID_ARGUMENT', message: '', reason: 'LIMIT_EXCEEDED' })],
])('it begins anew where %s', async (_, answer) => {
  const { asked, window } = setUp([{ text: 'old' }, answer, { text: 'new', revision: 9, baseRevision: 9 }]);
  await window.update();
  expect(await window.update()).toMatchObject({ text: 'new', added: 'new', rebased: true, revision: 9 });
  expect(window.baseRevision).toBe(9);
  expect(asked).toHaveLength(3);
});

test('what a new layout leaves out as well is no reason for another one', async () => {
  const { asked, window } = setUp([{ text: 'cut', leftOut: 2 }, { leftOut: 2 }]);
  await window.update();
  expect(await window.update()).toMatchObject({ rebased: false, leftOut: 2 });
  expect(asked).toHaveLength(2);
});

test('other errors are thrown, and the next update goes on where it was', async () => {
  const lost = makeError({ code: 'UNAVAILABLE', message: 'lost' });
  const { window } = setUp([{ text: 'one\n' }, lost, { text: 'two\n' }]);
  await window.update();
  await expect(window.update()).rejects.toThrow(UnavailableError);
  expect(await window.update()).toMatchObject({ text: 'one\ntwo\n' });
});

test('updates at once go one after the other', async () => {
  const { window } = setUp([{ text: 'one\n' }, { text: 'two\n' }, { text: 'three\n' }]);
  const updates = await Promise.all([window.update(), window.update(), window.update()]);
  expect(updates.map(({ added }) => added)).toEqual(['one\n', 'two\n', 'three\n']);
  expect(window.text).toBe('one\ntwo\nthree\n');
});

test('in a ghost the whole text is asked for, as what is staged may be taken back', async () => {
  const { asked, window } = setUp([{ text: 'a\n' }, { text: 'a\nb\n' }, { text: 'a\nc\n' }], true);
  await window.update();
  expect(await window.update()).toMatchObject({ added: 'b\n', rebased: false });
  expect(await window.update()).toMatchObject({ added: 'a\nc\n', rebased: true });
  expect(asked.map(({ sinceRevision }) => sinceRevision)).toEqual([undefined, 0, 0]);
});

test('all that it shows counts as read with every update', async () => {
  const old = { path: '/a', revision: 1, extent: 'node' } as const;
  const newer = { path: '/b', revision: 3, extent: 'node' } as const;
  const { agent, window } = setUp([{ basis: [old] }, { basis: [newer], revision: 3 }]);
  await window.update();
  expect(agent.basis?.take()).toEqual([old]);
  await window.update();
  expect(agent.basis?.take()).toEqual([old, newer]);
});
