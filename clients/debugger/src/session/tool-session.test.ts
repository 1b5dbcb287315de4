/** Goal: a ghost is shown as over only where it is. Method: tools that tell what the test says, and a clock that it moves. */
import { expect, test } from 'vitest';
import type { PageClock } from './page-clock.ts';
import type { Told } from './told.ts';
import { ToolSession } from './tool-session.ts';

const ghost = (id: string): Told => ({
  ghost_id: id,
  label: '',
  author: '',
  scope: '/',
  staged_operations: 0,
  commit_pending: false,
});

/** A session that is told of the ghosts that `tell` was given last. Each look at their phases moves the clock. */
function sessionTold(first: Told) {
  let told = first;
  const waiting = new Set<() => void>();
  const clock: PageClock = {
    nowMs: () => 0,
    after(_, callback) {
      waiting.add(callback);
      return () => waiting.delete(callback);
    },
  };
  const call = (name: string): Promise<Told> => {
    if (name === 'list') return Promise.resolve({ nodes: [], revision: 1 });
    if (name === 'diff') return Promise.resolve({ differences: [] });
    return name === 'show_tree' ? Promise.resolve({ revision: 1, ...told }) : new Promise(() => undefined);
  };
  const session = new ToolSession({ call, clock, path: '/', isSeen: () => true });
  session.start();
  return {
    session,
    tell: (next: Told) => (told = next),
    phases: (): readonly string[] => {
      for (const callback of [...waiting]) {
        waiting.delete(callback);
        callback();
      }
      return session.store.get().branches.map(({ id, phase }) => `${id} ${phase}`);
    },
  };
}

test('a ghost that is not told any more is over, unless there are more than are told', async () => {
  const { session, tell, phases } = sessionTold({ ghosts: [ghost('old')], more_ghosts: false });
  await expect.poll(phases).toEqual(['old living']);
  tell({ ghosts: [ghost('new')], more_ghosts: true });
  await expect.poll(phases).toEqual(['old living', 'new living']);
  tell({ ghosts: [ghost('new')], more_ghosts: false });
  await expect.poll(phases).toEqual(['old falling', 'new living']);
  session.end();
});
