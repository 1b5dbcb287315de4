/**
 * A run in one file, as `hyperloom export` writes it and `hyperloom import` and `hyperloom replay` read it: JSON lines in UTF-8, gzipped
 * where the file's name ends in `.gz`. Each line is an object whose `kind` says what it is. `docs/run-files.md` describes all of them.
 *
 * - The first line is the head, the last one the end; a file without an end was cut off.
 * - `node` lines follow the head where the run begins at a revision: what was there then. All others are in the order in which it happened.
 * - Values are exact: JSON as a text of its bytes, bytes and messages in base64.
 * - Revisions, sequences and ids of ghosts are those of the forest that was exported; who plays the file maps them.
 */
import type { BasisEntry, Operation } from '../api.ts';

export const formatName = 'hyperloom-run';
export const formatVersion = 1;

/** What the file holds. */
export interface HeadLine {
  readonly kind: 'head';
  readonly format: typeof formatName;
  readonly version: typeof formatVersion;
  readonly forest: string;
  /** The tree that was exported: `/` for a whole forest. */
  readonly tree: string;
  /** The run begins behind this revision; 0: with the first one. */
  readonly from: number;
  /** The newest revision when it was exported. */
  readonly until: number;
}

/** A node that was there when the run began. */
export interface NodeLine {
  readonly kind: 'node';
  readonly operation: Operation;
}

/** A version of a schema that came into force. */
export interface SchemaLine {
  readonly kind: 'schema';
  readonly revision: number;
  readonly name: string;
  readonly author: string;
  readonly definition:
    | { readonly kind: 'descriptor_set'; readonly bytes: Uint8Array }
    | { readonly kind: 'json_schema'; readonly json: string; readonly path: string };
}

/** What lines of events have in common. */
export interface Happening {
  readonly time: Date;
  readonly author: string;
  readonly label: string;
}

/** A context diff on the trunk. */
export interface PublishLine extends Happening {
  readonly kind: 'publish';
  readonly revision: number;
  readonly basis: readonly BasisEntry[];
  readonly operations: readonly Operation[];
  /** The revision whose inverse it was; 0: none. */
  readonly reverts: number;
  /** Why people say that this step was the mistake; `undefined` where they do not. */
  readonly mistake: string | undefined;
}

/** A ghost was begun. */
export interface BeginLine extends Happening {
  readonly kind: 'begin';
  readonly ghost: string;
  readonly scope: string;
  /** The revision that it stood on. */
  readonly base: number;
  /** The ghost that it was begun in; empty: none, or one that did nothing in the tree. */
  readonly parent: string;
}

/** A context diff in a ghost. */
export interface StageLine extends Happening {
  readonly kind: 'stage';
  readonly ghost: string;
  readonly sequence: number;
  readonly basis: readonly BasisEntry[];
  readonly operations: readonly Operation[];
}

/** A checkpoint was made. */
export interface CheckpointLine extends Happening {
  readonly kind: 'checkpoint';
  readonly ghost: string;
  readonly name: string;
}

/** A ghost went back to a checkpoint; an empty one is its beginning. */
export interface RewindLine extends Happening {
  readonly kind: 'rewind';
  readonly ghost: string;
  readonly checkpoint: string;
  readonly reason: string;
}

/** A ghost was dropped, by its owner or because that went away. */
export interface RevertLine extends Happening {
  readonly kind: 'revert' | 'expire';
  readonly ghost: string;
  readonly reason: string;
}

/** A ghost was committed. */
export interface CommitLine extends Happening {
  readonly kind: 'commit';
  readonly ghost: string;
  /** The revision that it made; 0 where it went into a parent. */
  readonly revision: number;
  /** As of a publish: the revision is the mistake. */
  readonly mistake: string | undefined;
}

/** The end. */
export interface EndLine {
  readonly kind: 'end';
  /** Lines between head and end. */
  readonly lines: number;
  /** Values in the tree at the end, and a checksum of them; see `digest.ts`. */
  readonly nodes: number;
  readonly sha256: string;
}

/** Something that happened. */
export type EventLine =
  PublishLine | BeginLine | StageLine | CheckpointLine | RewindLine | RevertLine | CommitLine;

/** A line behind the head. */
export type RunLine = NodeLine | SchemaLine | EventLine | EndLine;
