/**
 * Goal: recorded runs of real agents play into a real broker without an error, and what was recorded reads back byte for
 * byte. Method: `hyperloom replay` on all recordings, in broker processes of their own; then the state is compared with the
 * files, by code that shares nothing with the player. The recordings are no part of the project: where they are missing, this
 * suite says so, and fails in CI.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connect, type Client, type Event } from '../../clients/typescript/src/index.ts';
import { rebuildWhoAndWhen } from '../../src/cli/replay/who-and-when/rebuild.ts';
import { TraceDirection } from '../../src/gen/hyperloom/v1/trace_pb.ts';
import { connectClients } from '../support/broker.ts';
import { inPipe, records, start } from '../support/cli-pipe.ts';
import { inTerminal } from '../support/cli-terminal.ts';
import { BrokerProcess } from '../support/broker-process.ts';

const data =
  process.env['HYPERLOOM_SHARED_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const whoAndWhen = join(data, 'who-and-when');
const tauBench = join(data, 'tau-bench');
const isMissing = !existsSync(whoAndWhen) || !existsSync(tauBench);

const hint = `no recorded runs in ${data}: set HYPERLOOM_SHARED_DATA to the folder with who-and-when and tau-bench`;
// The summary counts what is skipped, but does not say why.
if (isMissing) console.warn(`the replay of recorded runs is not tested: ${hint}`);

it('finds the recorded runs', ({ skip }) => {
  if (process.env['CI'] !== 'true') skip(isMissing, hint);
  expect(isMissing, hint).toBe(false);
});

interface Recording {
  readonly history: readonly { readonly name?: string; readonly role: string }[];
  readonly mistake_step: string;
  readonly mistake_reason: string;
}

interface Summary {
  readonly type: string;
  readonly runs: number;
  readonly steps: number;
  readonly diffs: number;
  readonly reverts: number;
  readonly commits: number;
  readonly conflicts: number;
  readonly movedBytes: number;
  readonly historyBytes: number;
}

const files = isMissing ? [] : globSync(join(whoAndWhen, '*', '*.json')).sort();
const treeOf = (file: string): string => `/${basename(dirname(file))}_${basename(file, '.json')}`;
const readRecording = (file: string): Recording => JSON.parse(readFileSync(file, 'utf8')) as Recording;

let folder = '';
let broker: BrokerProcess;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-replay-'));
  broker = new BrokerProcess(folder);
  await broker.start();
  client = connect(broker.address, { trackBasis: false });
});

afterAll(async () => {
  await client.close();
  await broker.stop('SIGTERM');
  await rm(folder, { recursive: true });
});

/** Revisions of what was made from an event, by the bases of the events behind it: each step writes a node of its own, once. */
function madeFrom(start: Event, events: readonly Event[]): number[] {
  const found = new Map([[start.revision, start]]);
  for (const event of events.filter(({ revision }) => revision > start.revision)) {
    const hasSeen = event.basis.some(({ path, revision }) =>
      [...found.values()].some(
        (each) => each.revision <= revision && each.changes.some((change) => change.path.startsWith(path)),
      ),
    );
    if (hasSeen) found.set(event.revision, event);
  }
  found.delete(start.revision);
  return [...found.keys()].sort((a, b) => a - b);
}

async function replay(forest: string, ...args: readonly string[]): Promise<Summary> {
  await client.forests.create(forest);
  const ended = await inPipe(['--forest', forest, 'replay', ...args], broker.address);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const summary = records(ended).at(-1) as Summary | undefined;
  if (summary?.type !== 'summary') throw new Error('no summary');
  return summary;
}

describe.skipIf(isMissing)('the Who&When runs', () => {
  it('play without an error, a diff a step, and read back byte for byte', async () => {
    expect(files.length).toBe(123);
    const summary = await replay('runs', ...files);
    const steps = files.reduce((sum, file) => sum + readRecording(file).history.length, 0);
    expect(summary).toMatchObject({
      runs: 123,
      steps,
      diffs: steps + 2 * 123,
      reverts: 0,
      commits: 0,
      conflicts: 0,
    });
    const runs = client.as({ forest: 'runs' });
    for (const file of files) {
      const rebuilt = await rebuildWhoAndWhen(runs, treeOf(file));
      // Compared as a whole: a difference would print a recording.
      expect(rebuilt === readFileSync(file, 'utf8'), file).toBe(true);
    }
    // Still so after the broker was killed.
    await broker.stop('SIGKILL');
    await broker.start();
    for (const file of files) {
      expect((await rebuildWhoAndWhen(runs, treeOf(file))) === readFileSync(file, 'utf8'), file).toBe(true);
    }
  });

  it('have each step by its agent, based on all that was there before', async () => {
    const file = files[0] ?? '';
    const tree = treeOf(file);
    const events = await client.as({ forest: 'runs' }).history({ path: tree }).all();
    const [begin, ...steps] = events.slice(0, -1);
    expect(steps.map(({ author }) => author)).toEqual(readRecording(file).history.map(({ name }) => name));
    let seen = begin?.revision ?? 0;
    for (const step of steps) {
      expect(step.basis).toEqual([{ path: tree, revision: seen, extent: 'subtree' }]);
      expect(step.changes).toHaveLength(1);
      seen = step.revision;
    }
  });

  it('trace downstream from the marked step to exactly the steps whose basis contains it, at any distance', async () => {
    const raw = connectClients(`http://${broker.address}`);
    const runs = client.as({ forest: 'runs' });
    let derivedSteps = 0;
    for (const file of files) {
      const events = await runs.history({ path: treeOf(file) }).all();
      const start = events[1 + Number(readRecording(file).mistake_step)];
      if (start === undefined) throw new Error(`${file} has no such step`);
      const told: number[] = [];
      let pageToken = '';
      do {
        const page = await raw.context.trace({
          forest: 'runs',
          start: { case: 'revision', value: BigInt(start.revision) },
          direction: TraceDirection.DOWNSTREAM,
          pageSize: file === files[0] ? 7 : 1_000,
          pageToken,
        });
        for (const { entry } of page.entries)
          if (entry.case === 'derived') told.push(Number(entry.value.event?.revision));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      expect(
        told.sort((a, b) => a - b),
        file,
      ).toEqual(madeFrom(start, events));
      derivedSteps += told.length;
    }
    raw.cut();
    expect(derivedSteps).toBeGreaterThan(123);
  });

  it('are refused a second time, with what to do', async () => {
    const again = await inPipe(['--forest', 'runs', 'replay', files[0] ?? ''], broker.address);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('replayed before');
  });

  it('revert what follows from the marked mistake, and keep what came before', async () => {
    const summary = await replay('mistakes', '--revert-mistakes', ...files);
    expect(summary).toMatchObject({ runs: 123, reverts: 123, commits: 0 });
    const trunk = client.as({ forest: 'mistakes' });
    const reverted = new Map((await trunk.ghosts('reverted').all()).map((ghost) => [ghost.scope, ghost]));
    expect(reverted.size).toBe(123);
    for (const file of files) {
      const { history, mistake_step: marked, mistake_reason: reason } = readRecording(file);
      const steps = await trunk
        .list(`${treeOf(file)}/steps`)
        .all()
        .catch(() => []);
      expect(
        steps.map(({ value }) => value),
        file,
      ).toEqual(history.slice(0, Number(marked)));
      expect(reverted.get(treeOf(file))?.attempts.at(-1)?.reason, file).toBe(reason);
    }
    expect((await trunk.status()).forest.ghosts).toBe(0);
  });

  it('are counted on a terminal, with the limit kept', async () => {
    await client.forests.create('terminal');
    const { address } = broker;
    const args = ['--forest', 'terminal', 'replay', '--limit', '3', ...files];
    const { code, stdout, stderr } = await inTerminal(args, { address });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/runs +3 in [\d.]+ s$/m);
    expect(stdout).toMatch(/^whole histories +.* tokens \([\d.]+ × as much\)$/m);
  });
});

interface TauMessage {
  readonly role: string;
  readonly name?: string;
  readonly content: string | null;
}

interface TauRun {
  readonly task_id: number;
  readonly trial: number;
  readonly reward: number;
  readonly traj: readonly TauMessage[];
}

/** The run of each task that has to be committed. */
function chosenRuns(runs: readonly TauRun[]): readonly TauRun[] {
  const tasks = Map.groupBy(runs, ({ task_id: id }) => id);
  return [...tasks.keys()]
    .sort((a, b) => a - b)
    .map((id) => {
      const trials = (tasks.get(id) ?? []).toSorted((a, b) => a.trial - b.trial);
      return trials.find(({ reward }) => reward === 1) ?? (trials.at(-1) as TauRun);
    });
}

const isError = ({ role, content }: TauMessage): boolean =>
  role === 'tool' && content?.startsWith('Error:') === true;

/** What must be in a committed run: all messages but failed calls and the errors that answer them. */
function keptMessages({ traj }: TauRun): readonly TauMessage[] {
  return traj.filter((message, index) => {
    const next = traj[index + 1];
    return !isError(message) && (next === undefined || !isError(next));
  });
}

describe.skipIf(isMissing)('the tau-bench runs', () => {
  const file = join(tauBench, 'historical_trajectories', 'gpt-4o-airline.json');
  const runs = isMissing ? [] : (JSON.parse(readFileSync(file, 'utf8')) as readonly TauRun[]);
  const chosen = chosenRuns(runs);
  let summary: Summary;
  let trunk: Client;

  beforeAll(async () => {
    summary = await replay('airline', file);
    trunk = client.as({ forest: 'airline' });
  });

  it('play all, commit one trial of each task, revert the others and each failed call', async () => {
    const errors = runs.flatMap(({ traj }) => traj.filter(isError)).length;
    expect(summary).toMatchObject({ runs: 200, commits: 50 });
    expect(summary.steps).toBeGreaterThanOrEqual(runs.reduce((sum, { traj }) => sum + traj.length, 0));
    expect(summary.reverts).toBeGreaterThanOrEqual(150 + errors + summary.conflicts);
    const ghosts = await trunk.ghosts('committed').all();
    expect(ghosts.map(({ label }) => label).sort()).toEqual(
      chosen.map(({ task_id: task, trial }) => `task ${task}, trial ${trial}`).sort(),
    );
    expect(await trunk.ghosts('reverted').all()).toHaveLength(150 + summary.conflicts);
    expect(await trunk.ghosts('live').all()).toEqual([]);
    const rewound = (event: Event): boolean => event.transition?.kind === 'rewound';
    const rewinds = (await trunk.history({ everything: true }).all()).filter(rewound);
    expect(rewinds.length).toBe(summary.reverts - 150 - summary.conflicts);
    expect(rewinds.every(({ transition }) => transition?.reason.startsWith('Error:') === true)).toBe(true);
  });

  it('leave the messages of the committed trials, without failed calls', async () => {
    for (const run of chosen) {
      const tree = `/airline_task_${String(run.task_id).padStart(2, '0')}`;
      const messages = await trunk.list(`${tree}/messages`).all();
      expect(
        messages.map(({ value }) => value),
        tree,
      ).toEqual(keptMessages(run));
    }
  });

  it("leave the airline's reservations as the committed trials made them, and all others untouched", async () => {
    const text = readFileSync(join(tauBench, 'airline-db', 'reservations.json'), 'utf8');
    const expected = new Map(Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>));
    const changing = /^(book|cancel|update)_reservation/;
    let changes = 0;
    for (const { traj } of chosen) {
      for (const message of traj) {
        if (message.role !== 'tool' || isError(message) || !changing.test(message.name ?? '')) continue;
        const reservation = JSON.parse(message.content ?? '') as { readonly reservation_id: string };
        expected.set(reservation.reservation_id, reservation);
        changes += 1;
      }
    }
    expect(changes).toBeGreaterThan(0);
    const nodes = await trunk.list('/airline/reservations').all();
    const actual = new Map(
      nodes.map(({ path, value }) => [path.slice('/airline/reservations/'.length), value]),
    );
    expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [id, reservation] of expected) expect(actual.get(id), id).toEqual(reservation);
  });

  it('move less as diffs than as whole histories', () => {
    expect(summary.movedBytes).toBeGreaterThan(0);
    expect(summary.historyBytes).toBeGreaterThan(2 * summary.movedBytes);
  });

  it('leave no ghost behind when they are interrupted', async () => {
    await client.forests.create('interrupted');
    const running = start(['--forest', 'interrupted', 'replay', file], broker.address);
    await running.outputHas('"type":"run"');
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('"type":"summary"');
    expect(await client.as({ forest: 'interrupted' }).ghosts('live').all()).toEqual([]);
  });
});
