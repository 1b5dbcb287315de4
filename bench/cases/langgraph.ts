/** LangGraph's checkpointers: ours beside its own in SQLite, each durable, in both languages. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/step.ts';
import { startAsked, type AskedProcess } from '../harness/asked.ts';
import { startBroker } from '../harness/broker.ts';
import type { Absent, Case, Context, Figure, Subject } from '../harness/case.ts';

const ours = 'hyperloom';
const theirs = 'SQLite saver, FULL';

/** A language whose drivers measure one saver. */
interface Language {
  readonly name: string;
  /** Threads, or calls at once. */
  readonly atOnce: number;
  /** What is lacking; empty: nothing. */
  absent(): string;
  driver(args: readonly string[]): AskedProcess;
}

const python: Language = {
  name: 'python',
  atOnce: 16,
  absent: () => {
    const program = join(root, '.venv', 'bin', 'python');
    if (!existsSync(program)) return 'no Python environment: npm test -- "python environment"';
    const { status } = spawnSync(program, ['-c', 'import langgraph.checkpoint.sqlite']);
    return status === 0 ? '' : 'LangGraph is not installed: npm test -- "python environment"';
  },
  driver: (args) => ({
    command: join(root, '.venv', 'bin', 'python'),
    args: ['-m', 'bench.langgraph', ...args],
    folder: join(root, 'clients', 'python'),
  }),
};

const typescript: Language = {
  name: 'typescript',
  atOnce: 50,
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
export const langgraphCases: readonly Case[] = [python, typescript].map(speedCase);

function speedCase(language: Language): Case {
  const { atOnce } = language;
  return {
    name: `langgraph/${language.name}`,
    about: `Durable puts of a conversation of 50 messages of 1 KB and more, one more with each: a second, ${atOnce} threads at once and one alone, and CPU of the client's process a put; then a put and a get at the first and at the last of 200 turns, one at a time.`,
    subjects: [oursOf(language), theirsOf(language)],
    figures: [
      {
        text: `puts a second, ${atOnce} threads at once, as a multiple of SQLite's`,
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

function sizes(context: Context, { atOnce }: Language): readonly string[] {
  return [context.size(atOnce, 2), context.size(60, 3), context.size(200, 6)].map(String);
}

function oursOf(language: Language): Subject {
  return {
    name: ours,
    async start(context) {
      const absent = language.absent();
      if (absent !== '') return { absent } satisfies Absent;
      const broker = await startBroker(context);
      const asked = await startAsked(
        language.driver(['hyperloom', broker.address, ...sizes(context, language)]),
      );
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

function theirsOf(language: Language): Subject {
  return {
    name: theirs,
    async start(context) {
      const absent = language.absent();
      if (absent !== '') return { absent } satisfies Absent;
      const folder = mkdtempSync(join(context.folder, 'sqlite-'));
      return startAsked(language.driver(['sqlite', folder, ...sizes(context, language)]));
    },
  };
}
