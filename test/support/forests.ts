/** Forests for tests: on a memory journal or a simulated disk, with commands in short form. */
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { MemoryJournal } from '../../src/journal/memory/journal.ts';
import { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { LiveForestOptions } from '../../src/sequencer/live-forest.ts';
import type {
  BeginGhost,
  CommitGhost,
  Operation,
  Precondition,
  Publish,
  RequestKey,
} from '../../src/state/command.ts';
import { parsePath, utf8Length } from '../../src/trie/path.ts';
import type { Path } from '../../src/trie/path.ts';
import type { Value, ValueKind } from '../../src/state/values/value.ts';

/** Opens a forest that writes snapshots only when told to. */
export function openForest(
  journal: Journal = new MemoryJournal(),
  snapshotJournalBytes = Infinity,
  seed = 1,
  more: Partial<LiveForestOptions> = {},
): Promise<LiveForest> {
  return LiveForest.open({
    name: 'test',
    journal,
    clock: systemClock,
    random: seededRandom(seed),
    snapshotJournalBytes,
    onWriteStop: () => undefined,
    ...more,
  });
}

export function path(text: string): Path {
  const parsed = parsePath(text);
  if ('problem' in parsed) throw new Error(`${text} ${parsed.problem}`);
  return parsed;
}

export function value(kind: ValueKind, data: string): Value {
  return {
    kind,
    data,
    bytes: kind === 'bytes' || kind === 'message' ? data.length : utf8Length(data),
    type: '',
  };
}

export function put(at: string, data: string, kind: ValueKind = 'text'): Operation {
  return { kind: 'put', path: path(at), value: value(kind, data) };
}

export function append(at: string, data: string, kind: 'text' | 'items' = 'text'): Operation {
  return { kind: 'append', path: path(at), addition: value(kind, data) };
}

export function remove(at: string): Operation {
  return { kind: 'delete', path: path(at), scope: 'subtree' };
}

export function copy(source: string, target: string, sourceRevision = 0): Operation {
  return { kind: 'copy', path: path(target), source: path(source), sourceRevision };
}

export function publish(
  operations: readonly Operation[],
  more: { ghostId?: string; request?: RequestKey; preconditions?: Precondition[]; author?: string } = {},
): Publish {
  return {
    kind: 'publish',
    ghostId: more.ghostId ?? '',
    operations,
    preconditions: more.preconditions ?? [],
    label: '',
    basis: [],
    author: more.author ?? 'agent',
    request: more.request ?? null,
  };
}

export function begin(forest: LiveForest, more: Partial<BeginGhost> = {}): BeginGhost {
  return {
    kind: 'begin_ghost',
    ghostId: forest.newGhostId(),
    scope: [],
    baseRevision: forest.view().revision,
    parentId: '',
    ttlMs: 60_000,
    label: '',
    author: 'agent',
    request: null,
    ...more,
  };
}

export function commit(ghostId: string): CommitGhost {
  return { kind: 'commit_ghost', ghostId, isolation: 'writes', label: '', author: 'agent', request: null };
}
