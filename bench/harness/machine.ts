/** Where a run took place. */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

import { root } from '../../scripts/step.ts';

/** What a report says of the machine and the sources. */
export interface Machine {
  readonly date: string;
  /** Followed by `+` where the sources had changes of their own. */
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
}

/** Describes this machine now. */
export function describeMachine(): Machine {
  const all = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commitName(),
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

function commitName(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
    const changed =
      git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'clients') === '' ? '' : '+';
    return git('rev-parse', '--short', 'HEAD') + changed;
  } catch {
    return 'no commit';
  }
}
