/** The logs that brokers share, each by a name, with the objects beside it. */
import type { AgreedLog } from './agreed-log.ts';
import type { AgreedObjects } from './agreed-objects.ts';

export interface AgreedLogs {
  /** Makes a log where it is missing. Throws `JournalFailure` where what stands behind it is not there, or not to be trusted. */
  openLog(name: string): Promise<AgreedLog>;
  /** Makes the place for objects beside a log where it is missing. Throws like the above. */
  openObjects(name: string): Promise<AgreedObjects>;
  /** Where the forest of a log was moved to; `null` where it was not. Nobody can append to such a log. */
  movedTo(name: string): Promise<string | null>;
  /** Deletes a log with all that is in it and beside it, if it is there. */
  remove(name: string): Promise<void>;
  /** Lets go of what the logs stand on. */
  close(): Promise<void>;
}
