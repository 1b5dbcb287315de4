/** The run of a whole forest that the crash tests interrupt, and the check of what is left of it. */
import { expect } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { decodeRecord } from '../../src/codec/record.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import type { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { LiveForest } from '../../src/sequencer/live-forest.ts';
import { apply } from '../../src/state/apply.ts';
import type { Command, Operation, Publish } from '../../src/state/command.ts';
import { emptyForest } from '../../src/state/forest.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import type { Outcome } from '../../src/state/outcome.ts';
import { recordedJudge } from '../../src/state/schemas/judge.ts';
import { standingOf } from '../../src/state/values/standing.ts';
import { forestHash } from '../../src/state/state-hash.ts';
import { jsonText } from '../../src/state/values/value.ts';
import { begin, commit, copy, path, publish, put, remove } from '../support/forests.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { forbid, WordJudge } from '../support/word-judge.ts';

const name = 'default';

/** An open forest with what must be closed with it. */
export interface Opened {
  readonly forest: LiveForest;
  readonly journal: Journal;
  readonly folder: DataFolder;
}

export async function openForestOn(
  fileSystem: SimulatedFileSystem,
  clock = new ManualClock(),
): Promise<Opened> {
  // Lazy entries are synced with the next one that waits: timers of the journal never fire.
  const options = { fileSystem, clock, random: seededRandom(99), segmentBytes: 4_096, defer: queueMicrotask };
  const folder = await DataFolder.open('/data', options);
  if ((await folder.listForests()).length === 0) await folder.createForest(name);
  const journal = await folder.openForest(name);
  const forest = await LiveForest.open({
    name,
    journal,
    clock,
    random: seededRandom(7),
    snapshotJournalBytes: 1_500,
    onWriteStop: () => undefined,
    judge: new WordJudge(),
  });
  return { forest, journal, folder };
}

/** A publish to the trunk and what its caller was told; `null`: nothing. */
export interface Write {
  readonly command: Publish;
  readonly mark: string;
  outcome: Outcome | null;
}

export interface Ran {
  readonly writes: Write[];
  /** Marks of ghosts' work by the mark's text; true where the commit was acknowledged. */
  readonly commits: Map<string, boolean>;
  /** Why the first write after the stop was refused. */
  readonly refusals: string[];
  readonly compactionRefusals: string[];
  /** Set where the forest went on being read after writes had stopped. */
  readAfterStop: boolean;
}

/** Every write leaves its mark in the list at `/log` and adds one to `/n`, so that what happened twice shows. */
function marked(mark: string, more: readonly Operation[] = []): Operation[] {
  return [
    {
      kind: 'append',
      path: path('/log'),
      addition: { kind: 'items', data: JSON.stringify(mark), bytes: mark.length + 2, type: '' },
    },
    { kind: 'increment', path: path('/n'), amount: 1n },
    ...more,
  ];
}

/** Publishes, ghosts, commits, snapshots and compactions from one seed; ends when the disk does. Never throws. */
export async function runWorkload(fileSystem: SimulatedFileSystem, seed: number): Promise<Ran> {
  const ran: Ran = {
    writes: [],
    commits: new Map(),
    refusals: [],
    compactionRefusals: [],
    readAfterStop: false,
  };
  try {
    const opened = await openForestOn(fileSystem);
    await work(opened.forest, seededRandom(seed), ran);
    await opened.forest.close();
    await opened.folder.close();
  } catch {
    // The interruption. What matters is what was told before.
  }
  return ran;
}

async function work(forest: LiveForest, random: Random, ran: Ran): Promise<void> {
  const told: Promise<unknown>[] = [forest.propose(forbid('bad', '/typed/{x}'))];
  for (let round = 0; round < 24; round += 1) {
    const more = [put(`/s${random.below(3)}/n${random.below(4)}`, `v${round}`)];
    if (random.below(4) === 0 && forest.view().revision > 2)
      more.push(copy('/log', `/kept${round}`, forest.view().revision - random.below(2)));
    for (let index = 0; index <= random.below(3); index += 1)
      told.push(write(forest, ran, `${round}.${index}`, more));
    if (round % 4 === 1) told.push(workInGhost(forest, ran, `g${round}`, kinds[(round >> 2) % 3] ?? 'plain'));
    if (random.below(2) === 0) await Promise.all(told.splice(0));
    if (round === 10 || round === 17) {
      const compacted = await forest.compact(forest.view().revision - 3, null);
      if ('reason' in compacted) ran.compactionRefusals.push(compacted.reason);
    }
    if (forest.status.writeStopReason !== '') break;
  }
  await Promise.all(told);
  if (forest.status.writeStopReason === '') return;
  ran.readAfterStop = forest.view().root.count >= 0 && (await forest.viewAt(0)) === forest.view();
  const { outcome } = await forest.propose(publish(marked('late')));
  ran.refusals.push(outcome.kind === 'rejected' ? outcome.reason : outcome.kind);
}

async function write(forest: LiveForest, ran: Ran, mark: string, more: readonly Operation[]): Promise<void> {
  const command = publish(marked(mark, more), { request: { id: `r${mark}`, fingerprint: 1 } });
  const done: Write = { command, mark, outcome: null };
  ran.writes.push(done);
  const { outcome } = await forest.propose(command);
  done.outcome = outcome;
}

const kinds = ['plain', 'revert', 'collect'] as const;

/** A ghost with a checkpoint, work that is taken back, and a commit. A schema gate takes it back by itself, or keeps it until it is right. */
async function workInGhost(
  forest: LiveForest,
  ran: Ran,
  mark: string,
  kind: (typeof kinds)[number],
): Promise<void> {
  const begun = begin(forest, kind === 'plain' ? {} : { gates: [{ kind: 'schema', onViolation: kind }] });
  const { ghostId } = begun;
  const common = { author: 'agent', request: null } as const;
  const commands: Command[] = [
    begun,
    publish(marked(mark), { ghostId }),
    { kind: 'checkpoint_ghost', ghostId, name: 'c', ...common },
    publish([put('/wrong', mark), put('/typed/x', kind === 'plain' ? 'fine' : 'bad')], { ghostId }),
  ];
  if (kind === 'plain')
    commands.push({ kind: 'rewind_ghost', ghostId, checkpoint: 'c', reason: 'wrong', ...common });
  if (kind === 'collect') commands.push(publish([put('/typed/x', 'good'), remove('/wrong')], { ghostId }));
  for (const command of commands) await forest.propose(command);
  ran.commits.set(mark, false);
  const { outcome } = await forest.propose(commit(ghostId));
  if (outcome.kind === 'committed') ran.commits.set(mark, true);
}

/** Opens what is left, holds it against what was told, repeats what was not acknowledged, and opens it once more. */
export async function checkForest(fileSystem: SimulatedFileSystem, ran: Ran): Promise<void> {
  const { forest, journal, folder } = await openForestOn(fileSystem);
  const marks = marksOf(forest);
  expectOnce(marks);
  expect([valueAt(forest, '/typed/x') ?? 'good', valueAt(forest, '/wrong')]).toEqual(['good', undefined]);
  for (const { mark, outcome } of ran.writes) {
    if (outcome?.kind === 'published') expect(marks).toContain(mark);
  }
  for (const [mark, isAcknowledged] of ran.commits) if (isAcknowledged) expect(marks).toContain(mark);
  expect(marks).not.toContain('late');
  await checkReplay(forest, journal);
  for (const { command, mark, outcome } of ran.writes) {
    const again = await forest.propose(command);
    expect(again.outcome.kind).toBe('published');
    if (outcome?.kind === 'published') expect(again).toEqual({ outcome, repeated: true });
    else expect(again.repeated).toBe(marks.includes(mark));
  }
  const all = marksOf(forest);
  expectOnce(all);
  expect(all).toEqual(expect.arrayContaining(ran.writes.map(({ mark }) => mark)));
  expect(valueAt(forest, '/n') ?? '0').toBe(String(all.length));
  const hash = await forest.stateHash();
  await forest.close();
  await folder.close();
  const reopened = await openForestOn(fileSystem);
  expect(await reopened.forest.stateHash()).toEqual(hash);
  await reopened.forest.close();
  await reopened.folder.close();
}

/** Where the journal still holds everything, its entries applied one by one to an empty state give the same hash. */
async function checkReplay(forest: LiveForest, journal: Journal): Promise<void> {
  if (journal.firstPosition !== 1) return;
  const state = emptyForest();
  const roots: Root[] = [state.root];
  for await (const entries of journal.read(1, journal.lastPosition)) {
    for (const { position, payload } of entries) {
      const { proposal, effects } = decodeRecord(payload, position);
      const judge = recordedJudge(effects.refusal);
      apply(state, proposal, (revision) => roots[revision] ?? state.root, judge);
      roots[state.revision] = state.root;
    }
  }
  expect(await forest.stateHash()).toEqual({ hash: forestHash(state), position: journal.lastPosition });
}

function expectOnce(marks: readonly string[]): void {
  expect(marks).toEqual([...new Set(marks)]);
}

function marksOf(forest: LiveForest): string[] {
  const text = valueAt(forest, '/log');
  const marks: unknown = text === undefined ? [] : JSON.parse(text);
  return Array.isArray(marks) ? marks.map(String) : [];
}

function valueAt(forest: LiveForest, at: string): string | undefined {
  const entry = standingOf(forest.view().root, path(at)).entry;
  return entry === null ? undefined : jsonText(entry);
}
