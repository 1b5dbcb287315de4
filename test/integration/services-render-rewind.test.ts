/**
 * Goal: what is asked for behind a text of a ghost goes on from what that text shows, or is refused. Method: a whole broker in memory on a real
 * socket; ghosts go back between one rendering and the next.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RenderContextResponse } from '../../src/gen/hyperloom/v1/render_pb.ts';
import { putText, refusalOf, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { newRenderForest } from '../support/render-forests.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  await broker.close();
});

/** A ghost on a node, what is done in it, and what comes behind a text of it. */
interface RenderedGhost {
  readonly stage: (path: string) => Promise<void>;
  readonly checkpoint: (name: string) => Promise<unknown>;
  readonly rewind: (checkpoint?: string) => Promise<unknown>;
  readonly render: (tokenBudget?: bigint) => Promise<RenderContextResponse>;
  readonly behind: (text: RenderContextResponse) => Promise<RenderContextResponse>;
  readonly inner: () => Promise<RenderedGhost>;
}

async function newGhost(): Promise<RenderedGhost> {
  const { name, publish, render } = await newRenderForest(broker);
  await publish(putText('/a', 'one'));
  const begun = async (parentGhostId: string): Promise<RenderedGhost> => {
    const { ghost } = await broker.context.beginGhost({ forest: name, parentGhostId });
    const ghostId = ghost?.id ?? '';
    const { context } = broker;
    return {
      async stage(path) {
        await context.publish({ forest: name, ghostId, operations: [putText(path, `staged at ${path}`)] });
      },
      checkpoint: (checkpoint) => context.checkpoint({ forest: name, ghostId, name: checkpoint }),
      rewind: (checkpoint = '') =>
        context.revert({ forest: name, target: { case: 'rewind', value: { ghostId, checkpoint } } }),
      render: (tokenBudget = 10_000n) => render({ ghostId, tokenBudget }),
      behind: ({ baseRevision, revision, sequence }) =>
        render({ ghostId, baseRevision, sinceRevision: revision, sinceSequence: sequence }),
      inner: () => begun(ghostId),
    };
  };
  return begun('');
}

describe('what comes behind a text of a ghost', () => {
  it('is refused where the ghost dropped what the text shows, however much it staged since', async () => {
    const { stage, checkpoint, rewind, render, behind } = await newGhost();
    await stage('/kept');
    await checkpoint('kept');
    await stage('/dropped');
    const seen = await render();
    expect(seen.sequence).toBe(2n);
    await rewind();
    const gone = {
      fields: ['since_sequence'],
      message: expect.stringContaining('the ghost has gone back to diff 1'),
    };
    expect(await refusalOf(behind(seen))).toMatchObject(gone);
    for (const path of ['/new1', '/new2', '/new3']) await stage(path);
    expect(await refusalOf(behind(seen))).toMatchObject(gone);
  });

  it('is added to a text that ended with what the ghost has kept', async () => {
    const { stage, checkpoint, rewind, render, behind } = await newGhost();
    await stage('/kept');
    await checkpoint('kept');
    const early = await render();
    await stage('/dropped');
    await rewind();
    const seen = await render();
    expect(seen.sequence).toBe(1n);
    await stage('/new');
    const { text } = await render();
    for (const from of [early, seen]) expect(from.text + (await behind(from)).text).toBe(text);
    await rewind();
    expect(early.text + (await behind(early)).text).toBe(seen.text);
  });

  it('is all that is staged, where the ghost went back to its beginning before', async () => {
    const { stage, rewind, render, behind } = await newGhost();
    await stage('/dropped');
    await rewind();
    const seen = await render();
    expect(seen.sequence).toBe(0n);
    await stage('/new');
    expect(seen.text + (await behind(seen)).text).toBe((await render()).text);
  });

  it('goes on in a ghost within a ghost, also from its beginning', async () => {
    const outer = await newGhost();
    await outer.stage('/outer');
    const { stage, rewind, render, behind } = await outer.inner();
    const first = await render();
    await stage('/dropped');
    const seen = await render();
    await rewind();
    await stage('/new');
    expect(await refusalOf(behind(seen))).toMatchObject({ fields: ['since_sequence'] });
    expect(first.text + (await behind(first)).text).toBe((await render()).text);
  });

  it('goes on from the last diff that the budget has taken', async () => {
    const { stage, checkpoint, rewind, render, behind } = await newGhost();
    await stage('/kept');
    await checkpoint('kept');
    await stage('/dropped');
    await rewind();
    await stage(`/${'long'.repeat(60)}`);
    const cut = await render(200n);
    expect(cut).toMatchObject({ sequence: 1n, leftOut: 1n });
    expect((await behind(cut)).text).toContain('longlong');
  });
});
