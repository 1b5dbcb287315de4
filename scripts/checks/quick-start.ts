/**
 * The quick starts of the clients that are nothing but generated code, and Go's: each is a program of its own that an
 * empty project outside the checkout runs, with the packed client, against a broker.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BrokerProcess } from '../../test/support/broker-process.ts';
import type { StepResult } from '../step.ts';
import { failed, passed, root, run } from '../step.ts';

/** What each quick start prints, in order, among other things: it publishes, reads, works in a ghost, commits, watches. */
const milestones = [
  'published at revision 1',
  'compare three databases',
  'not on the trunk yet: NODE_NOT_FOUND',
  'committed at revision 2',
  'researcher changed /session_1/summary at revision 2',
];

/** How long a quick start may take, its compilation included. */
const secondsMax = 300;

/** Runs a quick start against a broker of its own, in `folder`. */
export async function quickStart(folder: string, command: readonly string[]): Promise<StepResult> {
  const data = mkdtempSync(join(tmpdir(), 'hyperloom-quick-start-'));
  const broker = new BrokerProcess(data);
  await broker.start();
  try {
    const variables = [`HYPERLOOM_ADDRESS=${broker.address}`];
    const inFolder = ['timeout', String(secondsMax), 'sh', '-c', 'cd "$0" && exec "$@"', folder, ...command];
    const { ok, output } = await run('env', [...variables, ...inFolder]);
    if (!ok) return failed('the quick start fails');
    const missing = missingOf(output);
    return missing === undefined ? passed : failed(`the quick start does not print "${missing}"`);
  } finally {
    await broker.stop('SIGTERM');
    rmSync(data, { recursive: true });
  }
}

/** The first milestone that does not come after the one before it. */
function missingOf(output: string): string | undefined {
  let rest = output;
  for (const milestone of milestones) {
    const at = rest.indexOf(milestone);
    if (at < 0) return milestone;
    rest = rest.slice(at + milestone.length);
  }
  return undefined;
}

/** That a README shows the program which runs here, and no other. */
export function readmeShows(client: string, program: string): StepResult {
  const text = readFileSync(join(root, client, program), 'utf8');
  const readme = readFileSync(join(root, client, 'README.md'), 'utf8');
  return readme.includes(`\n${text}\`\`\`\n`)
    ? passed
    : failed(`${client}/README.md does not show ${program} as it is`);
}

/** The results of several checks as one. */
export async function all(checks: readonly (() => Promise<StepResult> | StepResult)[]): Promise<StepResult> {
  const results: StepResult[] = [];
  for (const check of checks) results.push(await check());
  const count = (pick: (result: StepResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  return {
    passed: count((result) => result.passed),
    failed: count((result) => result.failed),
    skipped: count((result) => result.skipped),
    note: results
      .map(({ note }) => note)
      .filter((note) => note !== '')
      .join('; '),
  };
}

/** A check that is one command. */
export async function holds(command: string, args: readonly string[], hint: string): Promise<StepResult> {
  return (await run(command, args)).ok ? passed : failed(hint);
}
