/** A forest inside this process, on the embedded journal, without the network around it. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createEmbeddedJournal, openEmbeddedJournal } from '../../src/journal/embedded/journal.ts';
import { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { Command, Operation, Publish } from '../../src/state/command.ts';
import type { Outcome } from '../../src/state/outcome.ts';
import type { Context } from './case.ts';

/** Opens a forest in a folder of its own. */
export async function openBenchForest(context: Pick<Context, 'folder'>): Promise<LiveForest> {
  const folder = join(mkdtempSync(join(context.folder, 'forest-')), 'journal');
  await createEmbeddedJournal(folder);
  const journal = await openEmbeddedJournal(folder);
  const onWriteStop = (reason: string): void => {
    throw new Error(reason);
  };
  const injected = {
    clock: systemClock,
    random: seededRandom(1),
    snapshotJournalBytes: Infinity,
    onWriteStop,
  };
  return LiveForest.open({ name: 'bench', journal, ...injected });
}

/** Puts a text at a path of segments. */
export function putText(path: readonly string[], text: string): Operation {
  return { kind: 'put', path, value: { kind: 'text', data: text, bytes: text.length, type: '' } };
}

/** A publish by the bench's own agent. */
export function publishOf(operations: readonly Operation[], ghostId = ''): Publish {
  const words = { label: '', author: 'bench', basis: [], request: null };
  return { kind: 'publish', ghostId, operations, preconditions: [], ...words };
}

/** Submits a command and returns what came of it. Waits while the disk is behind; throws where it was refused. */
export async function submitted(forest: LiveForest, command: Command): Promise<Outcome> {
  for (;;) {
    // A ghost's commands are settled at once: without a turn in between the disk would never be reached.
    await setImmediate();
    const { outcome } = await forest.propose(command);
    if (outcome.kind !== 'rejected') return outcome;
    if (outcome.metadata['limit'] !== 'pendingBytesMax')
      throw new Error(`${command.kind}: ${outcome.message}`);
  }
}

/** Begins a ghost and returns its id. */
export async function beginGhost(forest: LiveForest, parentId = ''): Promise<string> {
  const ghostId = forest.newGhostId();
  await submitted(forest, beginCommand(forest, ghostId, parentId));
  return ghostId;
}

/** The command that begins a ghost on the newest state. */
export function beginCommand(forest: LiveForest, ghostId: string, parentId = ''): Command {
  const baseRevision = forest.view().revision;
  const words = { label: '', author: 'bench', request: null };
  return { kind: 'begin_ghost', ghostId, scope: [], baseRevision, parentId, ttlMs: 600_000, ...words };
}

/** The command that drops a ghost. */
export function revertCommand(ghostId: string): Command {
  return { kind: 'revert_ghost', ghostId, reason: 'bench', author: 'bench', request: null };
}

/** The command that commits a ghost. */
export function commitCommand(ghostId: string): Command {
  return { kind: 'commit_ghost', ghostId, isolation: 'writes', label: '', author: 'bench', request: null };
}
