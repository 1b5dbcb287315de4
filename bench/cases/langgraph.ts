/** LangGraph's checkpointers: ours beside its own in SQLite, each durable, in both languages, and in Python both ways. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/step.ts';
import { startAsked, type AskedProcess } from '../harness/asked.ts';
import { startBroker } from '../harness/broker.ts';
import type { Absent, Case, Context, Figure, Running, Subject } from '../harness/case.ts';

const pythonProgram = join(root, '.venv', 'bin', 'python');

const ours = 'hyperloom';
const theirs = 'SQLite saver, FULL';

/** Where savers are called from, and the drivers that measure one. */
interface Caller {
  readonly name: string;
  /** Puts under way at once. */
  readonly atOnce: number;
  /** Who has them under way. */
  readonly by: string;
  /** What is lacking; empty: nothing. */
  absent(): string;
  driver(args: readonly string[]): AskedProcess;
}

const python = pythonCaller({ name: 'python', by: 'threads', driver: 'bench.langgraph' });

/** As servers call it: LangGraph has a saver in SQLite for that. */
const pythonAsyncio = pythonCaller({
  name: 'python-asyncio',
  by: 'tasks of an event loop',
  driver: 'bench.langgraph_asyncio',
});

function pythonCaller({ name, by, driver }: Record<'name' | 'by' | 'driver', string>): Caller {
  return {
    name,
    by,
    atOnce: 50,
    absent: () => (pythonLacks ??= lackingInPython()),
    driver: (args) => ({
      command: pythonProgram,
      args: ['-m', driver, ...args],
      folder: join(root, 'clients', 'python'),
    }),
  };
}

/** Found out once: LangGraph takes seconds to import. */
let pythonLacks: string | undefined;

function lackingInPython(): string {
  if (!existsSync(pythonProgram)) return 'no Python environment: npm test -- "python environment"';
  const { status } = spawnSync(pythonProgram, ['-c', 'import langgraph.checkpoint.sqlite.aio']);
  return status === 0 ? '' : 'LangGraph is not installed: npm test -- "python environment"';
}

const typescript: Caller = {
  name: 'typescript',
  atOnce: 50,
  by: 'calls',
  absent: () => {
    const packages = join(
      root,
      'clients',
      'langgraph',
      'node_modules',
      '@langchain',
      'langgraph-checkpoint-sqlite',
    );
    return existsSync(packages) ? '' : 'LangGraph is not installed: npm --prefix clients/langgraph ci';
  },
  driver: (args) => ({
    command: process.execPath,
    args: ['--import', './test/support/resolve.ts', 'bench/speed.ts', ...args],
    folder: join(root, 'clients', 'langgraph'),
  }),
};

/** See above. */
export const langgraphCases: readonly Case[] = [python, pythonAsyncio, typescript].map(speedCase);

function speedCase(caller: Caller): Case {
  const { atOnce, by } = caller;
  return {
    name: `langgraph/${caller.name}`,
    about: `Durable puts of a conversation of 50 messages of 1 KB and more, one more with each: a second, ${atOnce} ${by} at once and one alone, and CPU of the client's process a put; then a put and a get at the first and at the last of 200 turns, one at a time. Each has done as much before, to warm up.`,
    subjects: [oursOf(caller), theirsOf(caller)],
    figures: [
      {
        text: `puts a second, ${atOnce} ${by} at once, as a multiple of SQLite's`,
        metric: 'perSecond',
        of: ours,
        per: theirs,
        bound: { atLeast: 5 },
      },
      ...['put', 'get'].map(flat),
    ],
  };
}

function flat(what: string): Figure {
  const text = `a ${what} at turn 200, as a multiple of one at the first turns`;
  return { text, metric: `${what}Growth`, of: ours, bound: { atMost: 1.5 } };
}

function sizes(context: Context, { atOnce }: Caller): readonly string[] {
  return [context.size(atOnce, 2), context.size(60, 3), context.size(200, 6)].map(String);
}

function oursOf(caller: Caller): Subject {
  return {
    name: ours,
    async start(context) {
      const absent = caller.absent();
      if (absent !== '') return { absent } satisfies Absent;
      const broker = await startBroker(context);
      const asked = await started(caller, ['hyperloom', broker.address, ...sizes(context, caller)]);
      return {
        measure: () => asked.measure(),
        async stop() {
          await asked.stop();
          await broker.end();
        },
      };
    },
  };
}

function theirsOf(caller: Caller): Subject {
  return {
    name: theirs,
    async start(context) {
      const absent = caller.absent();
      if (absent !== '') return { absent } satisfies Absent;
      const folder = mkdtempSync(join(context.folder, 'sqlite-'));
      return started(caller, ['sqlite', folder, ...sizes(context, caller)]);
    },
  };
}

/** A driver that has measured once for nothing: those who keep conversations run for longer than until their code is compiled. */
async function started(caller: Caller, args: readonly string[]): Promise<Running> {
  const asked = await startAsked(caller.driver(args));
  await asked.measure();
  return asked;
}
