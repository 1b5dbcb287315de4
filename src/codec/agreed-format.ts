/**
 * Formats of what brokers share in a log. A format is a number that grows with whatever an older broker would take for something else, or could not
 * read: a command, an operation or a field that is new, in entries and in snapshots. Everything that was ever written is read for ever; a
 * new format is written once all who share the log know it (`src/sequencer/agreed/format-turns.ts`).
 */
import type { Command } from '../state/command.ts';
import { CodecDamage } from './damage.ts';

/** The newest format that this broker knows. */
export const agreedFormat = 3;

/** The first format in which commands say what they may take their forest and author to, and snapshots what they take. */
export const boundsFormat = 2;

/** The first format in which commits can say that what was read is judged by the views that it was read in. */
export const readsFormat = 3;

/** The first format in which publishes and commits can say that a lease has room for each node once. */
export const bindingsFormat = 3;

/** What an entry says of formats. One of these is said at a time; the others are 0. See `FormatWord` of `agreed.proto`. */
export interface FormatWord {
  readonly asks: number;
  readonly knows: number;
  readonly raises: number;
  /** The sequence of the question that is answered by raising. */
  readonly question: number;
}

/** The format that is in force at a place in a log. */
export interface FormatInForce {
  readonly format: number;
  /** The sequence of the entry that asked for the next one; 0 where there is no open question. */
  readonly question: number;
}

/** What a broker knows of formats. */
export interface Formats {
  readonly known: number;
  /** The first format in which a command can be said. */
  readonly of: (command: Command) => number;
}

export const ownFormats: Formats = {
  known: agreedFormat,
  of: (command) => {
    const isJudgingViews = command.kind === 'commit_ghost' && command.readsInViews === true;
    if (isJudgingViews) return readsFormat;
    const isByPath = 'bindingsByPath' in command && command.bindingsByPath;
    return isByPath ? bindingsFormat : firstFormats[command.kind];
  },
};

/** The log, or what is shared beside it, is of brokers whose version this one does not know. */
export class NewerFormat extends CodecDamage {
  constructor(format: number, known: number) {
    super(
      `brokers of a newer version share this log: it has format ${format}, and this broker knows ${known}. Bring it up to their version`,
    );
  }
}

/** Throws {@link NewerFormat} where a format is not known. */
export function checkFormat(format: number, known: number): void {
  if (format > known) throw new NewerFormat(format, known);
}

/** A new kind of command gets the next format here. */
const firstFormats: Readonly<Record<Command['kind'], number>> = {
  publish: 1,
  begin_ghost: 1,
  checkpoint_ghost: 1,
  commit_ghost: 1,
  rewind_ghost: 1,
  revert_ghost: 1,
  expire_ghost: 1,
  review_ghost: 1,
  revert_revision: 1,
  revert_cascade: 1,
  compact: 1,
  acquire_lock: 1,
  release_lock: 1,
  grant_lease: 1,
  end_lease: 1,
  expire_lease: 1,
  end_lock_delay: 1,
  register_schema: 1,
  set_unbound_paths: 1,
};
