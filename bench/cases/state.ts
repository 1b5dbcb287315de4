/** The state machine alone: what a publish costs without network, codec and disk. */
import { apply } from '../../src/state/apply.ts';
import type { Operation } from '../../src/state/command.ts';
import { emptyForest } from '../../src/state/forest.ts';
import type { ForestState } from '../../src/state/forest.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import { local } from '../harness/case.ts';
import type { Case, Metrics, Subject } from '../harness/case.ts';
import { publishOf, putText } from '../harness/forest.ts';

const value = 'Found three sources that agree; the second one cites the first. '.repeat(4).slice(0, 200);
/** Old roots that readers and history may still hold: what makes copies live long enough to cost something. */
const rootsKept = 10_000;

const noPast = (revision: number): Root => {
  throw new Error(`no publish here needs revision ${revision}`);
};

function applyAll(state: ForestState, count: number, operation: (index: number) => Operation): Metrics {
  const kept: Root[] = [];
  const before = process.cpuUsage();
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    const command = publishOf([operation(index)]);
    const { outcome } = apply(state, { position: state.position + 1, timeMs: 1, command }, noPast);
    if (outcome.kind === 'rejected') throw new Error(outcome.message);
    kept[index % rootsKept] = state.root;
  }
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / count, perSecond: count / seconds };
}

function filled(sessions: number): ForestState {
  const state = emptyForest();
  for (let session = 0; session < sessions; session += 1) {
    const puts = Array.from({ length: 100 }, (_, note) => putText(pathOf(session, note), value));
    apply(state, { position: state.position + 1, timeMs: 1, command: publishOf(puts) }, noPast);
  }
  return state;
}

function pathOf(session: number, note: number): string[] {
  return [`session_${session}`, `agent_${note % 5}`, 'memory', `note_${note}`];
}

const hotSession: Case = {
  name: 'state/publish',
  about: `apply() of one put of 200 bytes in a forest of 100,000 nodes, while the last ${rootsKept.toLocaleString('en-US')} roots are kept.`,
  subjects: [
    local('hot session', (context) => {
      const state = filled(context.size(1_000, 10));
      const count = context.size(500_000, 5_000);
      return () => applyAll(state, count, (index) => putText(pathOf(3, index % 100), value));
    }),
    local('all sessions', (context) => {
      const sessions = context.size(1_000, 10);
      const state = filled(sessions);
      const count = context.size(200_000, 5_000);
      return () =>
        applyAll(state, count, (index) => putText(pathOf((index * 7_919) % sessions, index % 100), value));
    }),
  ],
  figures: [
    { text: 'CPU µs a publish in a hot session', metric: 'cpuUs', of: 'hot session', bound: { atMost: 5 } },
  ],
};

/** After these the array is made anew, so that a short one stays short. */
const appendsPerBatch = 1_000;

function appendSubject(name: string, full: number, smoke: number): Subject {
  return local(name, (context) => {
    const state = filled(10);
    const path = ['session_3', 'agent_1', 'memory', 'list'];
    const item = '{"step":1}';
    const addition = { kind: 'items' as const, data: item, bytes: item.length, type: '' };
    const size = context.size(full, smoke);
    const first = Array.from({ length: size }, () => item).join(',');
    const items = {
      kind: 'append' as const,
      path,
      addition: { ...addition, data: first, bytes: first.length },
    };
    const batches = context.size(50, 2);
    const measure = (): Metrics => {
      let cpuUs = 0;
      for (let batch = 0; batch < batches; batch += 1) {
        applyAll(state, 1, () => ({ kind: 'delete', path, scope: 'node' }));
        applyAll(state, 1, () => items);
        cpuUs +=
          applyAll(state, appendsPerBatch, () => ({ kind: 'append', path, addition }))['cpuUs'] ?? Number.NaN;
      }
      return { cpuUs: cpuUs / batches };
    };
    measure();
    return measure;
  });
}

const appends: Case = {
  name: 'state/append',
  about:
    'apply() of an append of one item to a JSON array that already has that many; made anew after 1,000 of them.',
  subjects: [appendSubject('10 items', 10, 10), appendSubject('1,000,000 items', 1_000_000, 10_000)],
  figures: [
    {
      text: 'an append to 1,000,000 items, as a multiple of 10',
      metric: 'cpuUs',
      of: '1,000,000 items',
      per: '10 items',
      bound: { atMost: 1.3 },
    },
  ],
};

/** See above. */
export const stateCases: readonly Case[] = [hotSession, appends];
