/** Tells what profiles told: as tables, and into `bench/profiles.md`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/step.ts';
import type { Machine } from '../harness/machine.ts';
import type { ProfiledBroker } from './profiled-broker.ts';
import type { Times } from './rooms.ts';

const page = join(root, 'bench', 'profiles.md');
/** How many functions are named, and from which share of the main thread's time on a room is. */
const functionsTold = 8;
const shareTold = 0.01;

/**
 * A table of the rooms and threads. The main thread's time is the system's count of it; the profile, whose samples also count
 * when others have the core, says how it is shared.
 */
export function profileTable({ done, threads, profile }: ProfiledBroker, machine: Machine): string {
  const { operations, clientCpuUs } = done;
  const { mainUs, mainSystemUs, engineUs, diskUs } = threads;
  const each = (us: number): string => (us / operations).toFixed(us / operations < 10 ? 2 : 1);
  const ofMain = (us: number): number => (us / profile.busyUs) * mainUs;
  const told = profile.rooms.filter(([, us]) => us >= shareTold * profile.busyUs);
  const rest = profile.rooms.filter(([, us]) => us < shareTold * profile.busyUs);
  const row = (name: string, us: number): string =>
    `| ${name} | ${each(us)} | ${((us / mainUs) * 100).toFixed(0)} % |`;
  return [
    '| main thread | CPU µs an operation | share |',
    '|---|---:|---:|',
    ...told.map(([room, us]) => row(room, ofMain(us))),
    row('else', ofMain(sum(rest))),
    row(`**all of it**, ${each(mainSystemUs)} of it in the system`, mainUs),
    `| *beside it:* threads of the engine (collector, compiler) | ${each(engineUs)} | |`,
    `| *beside it:* threads that write and sync | ${each(diskUs)} | |`,
    `| *on the same cores:* the client | ${Number.isNaN(clientCpuUs) ? '–' : each(clientCpuUs * operations)} | |`,
    '',
    `Most in: ${profile.functions
      .filter(([name]) => !name.startsWith('('))
      .slice(0, functionsTold)
      .map(([name, us]) => `\`${name.trim()}\` ${each(ofMain(us))}`)
      .join(', ')}.`,
    '',
    `<sub>${machine.commit}, ${machine.date}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${operations.toLocaleString('en-US')} operations</sub>`,
  ].join('\n');
}

function sum(times: Times): number {
  return times.reduce((total, [, us]) => total + us, 0);
}

/** Puts a table into the page, between the marks of its work. */
export function writeProfile(name: string, table: string): void {
  const text = readFileSync(page, 'utf8');
  const begin = `<!-- ${name}: written by \`npm run profile\` -->`;
  const [from, to] = [text.indexOf(begin), text.indexOf('<!-- end -->', text.indexOf(begin))];
  if (from < 0 || to < 0) throw new Error(`bench/profiles.md has no place for the profile of ${name}`);
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`);
}
