/** What a run that was killed cannot take away itself: the next one does, by the process in the names. */
import { existsSync } from 'node:fs';

import { Disk } from './disk.ts';
import { Network } from './network.ts';

/** Ends what runs of processes that are gone have left running, and takes away their namespaces and disks. */
export async function sweepLeftovers(): Promise<void> {
  await Network.sweep(isGone);
  await Disk.sweep(isGone);
}

function isGone(pid: number): boolean {
  return !existsSync(`/proc/${pid}`);
}
