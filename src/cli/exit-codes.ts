/** The exit codes of all commands: by what a script would do next. They never change their meaning; docs/cli.md tells them to users. */
import type { Code } from '../../clients/typescript/src/index.ts';

/** What kind of end a command came to. */
export type Ending =
  | 'done'
  | 'negative'
  | 'usage'
  | 'unavailable'
  | 'not_found'
  | 'conflict'
  | 'invalid'
  | 'state'
  | 'range'
  | 'exhausted'
  | 'denied'
  | 'late'
  | 'unsupported'
  | 'damaged'
  | 'defect'
  | 'file'
  | 'interrupted';

/** One of them. */
export interface ExitCode {
  readonly code: number;
  /** For people: when it comes, and what to do. */
  readonly meaning: string;
}

/** 70 and 74 are those of sysexits.h; 130 is what a shell calls an end by Ctrl-C. */
export const exitCodes: Readonly<Record<Ending, ExitCode>> = {
  done: { code: 0, meaning: 'done; also where the reader of the output went away' },
  negative: {
    code: 1,
    meaning:
      'no error, but not what was hoped for: it would be refused, is not approved yet, is over, or is lost',
  },
  usage: {
    code: 2,
    meaning:
      'used wrongly: unknown words or options, values or files that cannot be read as what they should be',
  },
  unavailable: { code: 3, meaning: 'no broker answers, or it does not serve now: try again' },
  not_found: { code: 4, meaning: 'there is no such node, forest, ghost, lock, lease, checkpoint or schema' },
  conflict: {
    code: 5,
    meaning:
      'others came first: a precondition failed, a conflict, a lock of somebody else, a name that is taken; look again and repeat the whole step',
  },
  invalid: {
    code: 6,
    meaning: 'the broker refuses it as it is: malformed, over a limit, or against a schema',
  },
  state: {
    code: 7,
    meaning: 'the state does not allow it: a ghost that is over, a stale fencing token, a limit of a gate',
  },
  range: { code: 8, meaning: 'a revision that is compacted, or not there yet' },
  exhausted: { code: 9, meaning: 'a quota or a queue is full' },
  denied: { code: 10, meaning: 'not allowed, or not known' },
  late: { code: 11, meaning: 'the broker answered, but not in time' },
  unsupported: { code: 12, meaning: 'the broker is too old for it' },
  damaged: { code: 13, meaning: 'what was sent or stored is damaged, such as a backup' },
  defect: { code: 70, meaning: 'a defect of the command line or of the broker: please report it' },
  file: { code: 74, meaning: 'a file or folder cannot be read or written' },
  interrupted: { code: 130, meaning: 'ended by Ctrl-C or SIGTERM before it was done' },
};

/** How a call ends that the broker has answered. */
export const endingOf: Readonly<Record<Code, Ending>> = {
  CANCELLED: 'interrupted',
  UNKNOWN: 'defect',
  INVALID_ARGUMENT: 'invalid',
  DEADLINE_EXCEEDED: 'late',
  NOT_FOUND: 'not_found',
  ALREADY_EXISTS: 'conflict',
  PERMISSION_DENIED: 'denied',
  RESOURCE_EXHAUSTED: 'exhausted',
  FAILED_PRECONDITION: 'state',
  ABORTED: 'conflict',
  OUT_OF_RANGE: 'range',
  UNIMPLEMENTED: 'unsupported',
  INTERNAL: 'defect',
  UNAVAILABLE: 'unavailable',
  DATA_LOSS: 'damaged',
  UNAUTHENTICATED: 'denied',
};
