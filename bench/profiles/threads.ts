/** What CPU time the threads of a process take, by what they are for (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds so far. */
export interface ThreadTimes {
  readonly mainUs: number;
  /** Of the main thread, what the system did for it: sockets, timers, waking others. */
  readonly mainSystemUs: number;
  /** V8's: collections and compilation beside the main thread. */
  readonly engineUs: number;
  /** Those that write and sync. */
  readonly diskUs: number;
}

const tickUs = 10_000;

/** Linux counts in ticks of 10 ms: measure seconds. */
export function threadTimes(pid: number): ThreadTimes {
  const times = { mainUs: 0, mainSystemUs: 0, engineUs: 0, diskUs: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user, system] = [Number(fields[11]) * tickUs, Number(fields[12]) * tickUs];
    if (Number(thread) === pid) {
      times.mainUs += user + system;
      times.mainSystemUs += system;
    } else if (name.startsWith('libuv')) times.diskUs += user + system;
    else times.engineUs += user + system;
  }
  return times;
}
