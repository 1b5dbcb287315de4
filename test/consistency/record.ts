/**
 * The history of a run as its processes write it: JSON lines, one file a process, each line written before the next thing happens,
 * so that a process that is killed leaves everything but what it never knew. All times are nanoseconds of the machine's monotonic
 * clock, which every process reads alike.
 */
import { openSync, readFileSync, writeSync } from 'node:fs';

/** The forests of a run: the one that is always there, and one more, in which the same paths mean something else. */
export const forests = ['default', 'second'] as const;

/** One operation of a write. The text is what was put or added, a merge patch as canonical JSON, or an amount. */
export interface Step {
  readonly action: 'put' | 'append' | 'increment' | 'merge' | 'delete';
  readonly path: string;
  readonly text: string;
}

/** Which state a read asked for; `at_least` and `at_revision` with a number. */
export type View = 'linearizable' | 'seen' | 'stale' | 'at_least' | 'at_revision';

/** What a client asked for. Calls name other calls by their ids: a commit its ghost's beginning, a write its lock's grant. */
export type Wants =
  | {
      readonly type: 'publish';
      readonly requestId: string;
      readonly steps: readonly Step[];
      /** The node of the first step must have been changed last at this revision; 0: there must be none. */
      readonly ifRevision?: number;
      /** The call that acquired the lock whose fencing token goes along. */
      readonly tenure?: string;
      /** The call that granted the lease which the node is bound to. */
      readonly lease?: string;
      /** The call whose request this repeats. */
      readonly repeats?: string;
    }
  | {
      readonly type: 'read';
      readonly paths: readonly string[];
      readonly view: View;
      readonly revision: number;
    }
  | { readonly type: 'list'; readonly path: string }
  | {
      readonly type: 'begin';
      /** The race that it takes part in. */
      readonly race?: string;
      /** Gates: how many operations may reach the trunk, and who must approve them. */
      readonly operationsMax?: number;
      readonly reviewer?: string;
    }
  /** Decides on a ghost, by its own id, that somebody wants to commit. */
  | { readonly type: 'review'; readonly ghost: string; readonly approves: boolean }
  | { readonly type: 'stage'; readonly ghost: string; readonly steps: readonly Step[] }
  /** Reads in the ghost what was staged there. */
  | { readonly type: 'peek'; readonly ghost: string; readonly path: string; readonly text: string }
  | { readonly type: 'checkpoint'; readonly ghost: string }
  /** Goes back behind these steps. */
  | { readonly type: 'rewind'; readonly ghost: string; readonly steps: readonly Step[] }
  | { readonly type: 'commit'; readonly ghost: string; readonly steps: readonly Step[] }
  | { readonly type: 'revert'; readonly ghost: string }
  | { readonly type: 'acquire'; readonly path: string; readonly ttlMs: number }
  | { readonly type: 'grant'; readonly ttlMs: number }
  /** Asks the client itself whether it holds a lock or lease: `ok` where it says yes. */
  | { readonly type: 'holds'; readonly tenure: string }
  /** Gives back a lock, or ends a lease. */
  | { readonly type: 'release'; readonly tenure: string };

/** A node as a read showed it. */
export interface Shown {
  readonly text: string;
  readonly revision: number;
  readonly version: number;
}

/** What came of a call. `unknown`: it may have taken effect, or may still. */
export type Outcome = 'ok' | 'refused' | 'unknown';

export interface Answer {
  readonly outcome: Outcome;
  /** Why not: a reason of the broker, or a status code. */
  readonly reason: string;
  /** What it made, or the one that a read or a ghost stands on; 0 where there is none. */
  readonly revision: number;
  /** Of reads: `null` where there is no such node. */
  readonly nodes?: Readonly<Record<string, Shown | null>>;
  /** Of a lock: its fencing token. */
  readonly token?: number;
  /** Of a ghost or lease: its id. */
  readonly givenId?: string;
}

/** A change as an event told it: path, action and text. */
export type Told = readonly [path: string, action: string, text: string];

export type Line =
  | {
      readonly kind: 'call';
      readonly id: string;
      readonly client: string;
      /** Where it works; without it in the first forest. */
      readonly forest?: string;
      readonly ns: number;
      readonly wants: Wants;
    }
  | ({ readonly kind: 'answer'; readonly id: string; readonly ns: number } & Answer)
  | {
      readonly kind: 'subscribed';
      readonly id: string;
      readonly client: string;
      readonly forest?: string;
      /** Watches what lies at or below. */
      readonly prefix: string;
      /** Everything after this revision; -1: a snapshot first. */
      readonly after: number;
    }
  | {
      readonly kind: 'snapshot';
      readonly id: string;
      readonly revision: number;
      readonly nodes: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'event';
      readonly id: string;
      readonly revision: number;
      readonly changes: readonly Told[];
    }
  | { readonly kind: 'bookmark'; readonly id: string; readonly revision: number }
  /** It was left, or it ended by itself with a reason. */
  | {
      readonly kind: 'unsubscribed';
      readonly id: string;
      readonly reason: string;
      /** The oldest revision that is left, where it needed an older one. */
      readonly oldest?: number;
    }
  /** Something that must never happen, whatever the rest says. */
  | { readonly kind: 'bug'; readonly client: string; readonly what: string };

const paddedBytes = 65_536;
const padding = /\.+$/;

/** What is really put: below `/big` texts are padded, so that subscribers who are slow hold the broker back. */
export function padded(path: string, text: string): string {
  return path.startsWith('/big/') ? text.padEnd(paddedBytes, '.') : text;
}

/** The text without its padding, if that is whole; otherwise something that nobody wrote. No other text ends as padding does. */
export function unpadded(text: string): string {
  if (!text.endsWith('.')) return text;
  return text.length === paddedBytes
    ? text.replace(padding, '')
    : `${text.slice(0, 40)}: ${text.length} bytes`;
}

/** The machine's monotonic clock. */
export function nowNs(): number {
  return Number(process.hrtime.bigint());
}

/** Writes lines to a file. */
export class LineWriter {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

/** The lines of a file. What a killed process left of its last line is dropped. */
export function readLines(path: string): Line[] {
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
