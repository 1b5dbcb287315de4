/** A broker under a work, with a CPU profile of it and the CPU times of its threads. */
import { existsSync, readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { root } from '../../scripts/step.ts';
import { startBrokerWith } from '../harness/broker.ts';
import type { Context } from '../harness/case.ts';
import type { Done, Profiled } from './cases.ts';
import { analyse } from './rooms.ts';
import type { Profile } from './rooms.ts';
import { threadTimes } from './threads.ts';
import type { ThreadTimes } from './threads.ts';

/** What a profile told. */
export interface ProfiledBroker {
  readonly done: Done;
  readonly threads: ThreadTimes;
  readonly profile: Profile;
}

/** How long the profile may take to be written. */
const writtenMsMax = 30_000;

/** Measures and then profiles a broker of its own under a work, after a warm-up. */
export async function profileBroker(work: Profiled, context: Context): Promise<ProfiledBroker> {
  const file = join(context.folder, 'cpu.json');
  const recorder = pathToFileURL(join(root, 'bench', 'profiles', 'recorder.ts')).href;
  const command = ['env', `CPU_PROFILE_FILE=${file}`, process.execPath, '--import', recorder];
  const broker = await startBrokerWith(context, { command });
  try {
    await work.run(broker, context, 'warm-up');
    // Taking a profile costs a thread of its own, so that CPU times are taken before it.
    const before = threadTimes(broker.pid);
    const done = await work.run(broker, context, 'measured');
    const threads = difference(threadTimes(broker.pid), before);
    process.kill(broker.pid, 'SIGUSR2');
    await work.run(broker, context, 'measured');
    process.kill(broker.pid, 'SIGUSR2');
    return { done, threads, profile: analyse(await writtenProfile(file)) };
  } finally {
    await broker.end();
  }
}

async function writtenProfile(file: string): Promise<Profiler.Profile> {
  for (const end = performance.now() + writtenMsMax; performance.now() < end; await setTimeout(50))
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile;
  throw new Error(`no CPU profile was written to ${file}`);
}

function difference(after: ThreadTimes, before: ThreadTimes): ThreadTimes {
  return {
    mainUs: after.mainUs - before.mainUs,
    mainSystemUs: after.mainSystemUs - before.mainSystemUs,
    engineUs: after.engineUs - before.engineUs,
    diskUs: after.diskUs - before.diskUs,
  };
}
