/** The agents: which there are, how each is started, and what it reports in the end. */
import type { Report } from '../agents/desk.ts';
import type { Child, Children } from './children.ts';
import { program, pythonProgram } from './programs.ts';

export interface Member {
  readonly name: string;
  readonly language: Report['language'];
}

/** Three in TypeScript; with Python, two more. */
export function crew(hasPython: boolean): readonly Member[] {
  const typescript = ['planner', 'writer', 'reviewer'].map(
    (name) => ({ name, language: 'TypeScript' }) as const,
  );
  const python = ['researcher', 'analyst'].map((name) => ({ name, language: 'Python' }) as const);
  return hasPython ? [...typescript, ...python] : typescript;
}

export class Fleet {
  readonly members: readonly Member[];
  /** Resolves with all reports; rejects as soon as one agent ends without one. */
  readonly reports: Promise<readonly Report[]>;

  private constructor(members: readonly Member[], children: readonly Child[]) {
    this.members = members;
    this.reports = Promise.all(children.map((child, index) => reportOf(child, members[index]?.name ?? '')));
    // Whoever awaits it sees a failure; until then it must not end the process.
    this.reports.catch(() => undefined);
  }

  /** Starts all of them at once: they find together by themselves. */
  static async start(
    children: Children,
    members: readonly Member[],
    address: string,
    python: string,
  ): Promise<Fleet> {
    const environment = { HYPERLOOM_ADDRESS: address, PYTHONDONTWRITEBYTECODE: '1' };
    const started = members.map(({ name, language }) => {
      const isPython = language === 'Python';
      const path = `../agents/${name}`;
      return isPython
        ? children.start(python, [pythonProgram(path)], environment)
        : children.start(process.execPath, [program(path)], environment);
    });
    return new Fleet(members, await Promise.all(started));
  }
}

async function reportOf(child: Child, name: string): Promise<Report> {
  let last = '';
  child.onLine((line) => (last = line));
  const { code, signal } = await child.ended;
  if (code !== 0 || last === '')
    throw new Error(`agent ${name} ended without a report (${code ?? signal}): ${child.complaint()}`);
  return JSON.parse(last) as Report;
}
