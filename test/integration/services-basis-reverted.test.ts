/**
 * Goal: those who had read what was taken back are told, and do not go on with it unawares. Method: stories on a whole broker in memory on a
 * real socket, called through connect-node.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { BasisExtent } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { putText, refusalOf, startTestBroker, type TestBroker } from '../support/broker.ts';
import { newForest } from '../support/reading-forest.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

describe('a ghost that has read what is undone', () => {
  const node = (path: string, revision: bigint) => ({ path, revision, extent: BasisExtent.NODE });

  async function misled() {
    const it = await newForest(broker);
    await it.publish([putText('/fact', 'right'), putText('/other', 'x')]);
    const wrong = await it.publish([putText('/fact', 'wrong')]);
    const ghostId = await it.begin('dreamer');
    await it.publish([putText('/draft', 'of it')], { ghostId, reads: ['/fact'], author: 'dreamer' });
    return { it, wrong, ghostId };
  }

  test('is told, refuses to commit, and commits once it has looked again', async () => {
    const { it, wrong, ghostId } = await misled();
    const idle = await it.begin('bystander');
    await it.publish([putText('/idle', 'x')], { ghostId: idle, reads: ['/other'] });
    const { revision, cascade } = await it.cascade(wrong);
    expect(cascade).toMatchObject({
      ghosts: [{ ghostId, author: 'dreamer', basis: [node('/fact', wrong)] }],
    });
    expect(cascade?.ghostsTotal).toBe(1n);
    expect((await it.ghost(ghostId))?.revertedBasis).toMatchObject([
      { basis: node('/fact', wrong), revertedRevision: revision, sequence: 1n },
    ]);
    const refusal = { code: 'Aborted', reason: 'BASIS_REVERTED' };
    const metadata = { ghost_id: ghostId, path: '/fact', revision: String(revision) };
    expect(await refusalOf(it.commit(ghostId))).toMatchObject({ ...refusal, metadata });
    expect(await refusalOf(it.commit(ghostId, [node('/fact', revision - 1n)]))).toMatchObject(refusal);
    expect(await refusalOf(it.commit(ghostId, [node('/other', revision)]))).toMatchObject(refusal);
    await it.commit(ghostId, [node('/fact', revision)]);
    await it.commit(idle);
    expect(await it.tree()).toMatchObject({ '/fact': 'right', '/draft': 'of it', '/idle': 'x' });
  });

  test('has looked again with a diff whose basis says so', async () => {
    const { it, wrong, ghostId } = await misled();
    await it.cascade(wrong);
    await it.publish([putText('/draft', 'better')], { ghostId, subtrees: ['/'] });
    expect((await it.ghost(ghostId))?.revertedBasis).toEqual([]);
    await it.commit(ghostId);
    expect(await it.tree()).toMatchObject({ '/draft': 'better' });
  });

  test('is free of it when it goes back to before it had read it', async () => {
    const { it, wrong } = await misled();
    const { forest } = it;
    const ghostId = await it.begin();
    await it.publish([putText('/own', '1')], { ghostId });
    await broker.context.checkpoint({ forest, ghostId, name: 'before' });
    await it.publish([putText('/own', '2')], { ghostId, reads: ['/fact'] });
    await it.cascade(wrong);
    expect((await it.ghost(ghostId))?.revertedBasis).toHaveLength(1);
    await broker.context.revert({
      forest,
      target: { case: 'rewind', value: { ghostId, checkpoint: 'before' } },
    });
    expect((await it.ghost(ghostId))?.revertedBasis).toEqual([]);
    await it.commit(ghostId);
    expect(await it.tree()).toMatchObject({ '/own': '1' });
  });

  test('takes no child in before it has looked again', async () => {
    const { it, wrong, ghostId } = await misled();
    const { forest } = it;
    const { ghost } = await broker.context.beginGhost({ forest, parentGhostId: ghostId });
    const childId = ghost?.id ?? '';
    await it.publish([putText('/child', 'x')], { ghostId: childId });
    const { revision } = await it.cascade(wrong);
    expect(await refusalOf(it.commit(childId))).toMatchObject({
      reason: 'BASIS_REVERTED',
      metadata: { ghost_id: ghostId },
    });
    await it.commit(childId, [node('/fact', revision)]);
    await it.commit(ghostId);
    expect(await it.tree()).toMatchObject({ '/child': 'x', '/draft': 'of it' });
  });
});

describe('an agent whose basis was reverted', () => {
  async function nextEvent(
    events: AsyncIterable<{ message: { case?: string | undefined; value?: unknown } }>,
  ) {
    for await (const { message } of events) if (message.case === 'event') return message.value as Event;
    throw new Error('the subscription ended');
  }

  test('is told in its subscription, whatever its patterns, live and afterwards', async () => {
    const it = await newForest(broker);
    const { forest } = it;
    const wrong = await it.publish([putText('/fact', 'wrong')], { author: 'finder' });
    const one = await it.publish([putText('/claim', 'x')], { reads: ['/fact'], author: 'writer' });
    await it.publish([putText('/plan', 'x')], { reads: ['/claim'], author: 'planner' });
    const after = await it.newest();
    const subscribe = (agent: string, start: 'now' | 'afterRevision', patterns = ['/nothing']) =>
      broker.context.subscribe({
        forest,
        patterns,
        agent,
        start: start === 'now' ? { case: 'now', value: {} } : { case: 'afterRevision', value: after },
      });
    const live = nextEvent(subscribe('writer', 'now'));
    const both = nextEvent(subscribe('planner', 'now', ['/**']));
    await expect
      .poll(() => broker.forests.getStatus({ forest }).then(({ subscriptions }) => subscriptions))
      .toBe(2n);
    const { revision } = await it.cascade(wrong, { reason: 'made up' });
    const told = {
      author: 'writer',
      revisions: [one],
      ghostIds: [],
      basis: [{ path: '/fact', revision: wrong, extent: BasisExtent.NODE }],
      reason: 'made up',
    };
    expect(await live).toMatchObject({ revision, changes: [], basisReverted: [told] });
    const event = await both;
    expect(event.changes).toHaveLength(3);
    expect(event.basisReverted.map(({ author }) => author)).toEqual(['planner']);
    const later = await nextEvent(subscribe('writer', 'afterRevision'));
    expect(later).toMatchObject({ revision, changes: [], basisReverted: [told] });
    const { events } = await broker.context.history({ forest, afterRevision: after });
    expect(events[0]?.basisReverted.map(({ author }) => author)).toEqual(['planner', 'writer']);
    expect(events[0]?.revertedRevision).toBe(wrong);
  });
});

describe('a revert of one revision alone', () => {
  test('leaves what was made from it, but tells those who had read it', async () => {
    const it = await newForest(broker);
    const wrong = await it.publish([putText('/fact', 'wrong')], { author: 'finder' });
    const one = await it.publish([putText('/claim', 'x')], { reads: ['/fact'], author: 'writer' });
    const ghostId = await it.begin('dreamer');
    await it.publish([putText('/draft', 'y')], { ghostId, reads: ['/fact'], author: 'dreamer' });
    await it.publish([putText('/plan', 'z')], { reads: ['/claim'], author: 'planner' });
    const { forest } = it;
    const target = { case: 'revision' as const, value: wrong };
    const { revision, cascade } = await broker.context.revert({ forest, target, reason: 'made up' });
    expect(cascade).toBeUndefined();
    expect(await it.tree()).toEqual({ '/claim': 'x', '/plan': 'z' });
    const { events } = await broker.context.history({ forest, afterRevision: one });
    expect(events.at(-1)?.basisReverted).toMatchObject([
      { author: 'dreamer', revisions: [], ghostIds: [ghostId] },
      { author: 'writer', revisions: [one], ghostIds: [], reason: 'made up' },
    ]);
    expect((await it.ghost(ghostId))?.revertedBasis).toMatchObject([{ revertedRevision: revision }]);
    expect(await refusalOf(it.commit(ghostId))).toMatchObject({ reason: 'BASIS_REVERTED' });
  });
});
