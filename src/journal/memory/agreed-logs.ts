import type { AgreedLogs } from '../agreed-logs.ts';
import { MemoryLog, MemoryReplicaLog } from './agreed-log.ts';
import { MemoryObjects } from './agreed-objects.ts';

/** Logs in memory that several brokers of one process share, for tests. */
export class MemoryLogs {
  readonly logs = new Map<string, MemoryLog>();
  readonly objects = new Map<string, MemoryObjects>();

  /** What one broker has of them. */
  end(): AgreedLogs {
    return {
      openLog: async (name) => new MemoryReplicaLog(made(this.logs, name, () => new MemoryLog())),
      openObjects: async (name) => made(this.objects, name, () => new MemoryObjects()),
      movedTo: async () => null,
      remove: async (name) => {
        this.logs.delete(name);
        this.objects.delete(name);
      },
      close: async () => undefined,
    };
  }
}

function made<T>(all: Map<string, T>, name: string, make: () => T): T {
  const known = all.get(name);
  if (known !== undefined) return known;
  const one = make();
  all.set(name, one);
  return one;
}
