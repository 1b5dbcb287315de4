/** What typed handles read: nodes and changes whose values are messages of the program's own type. */
import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { typeMismatch } from './errors.ts';
import type { Action, Change, Event } from './event.ts';
import type { Aged, Node } from './node.ts';
import type { PathVariables } from './node-type.ts';
import { precondition, type Precondition } from './operation.ts';
import { TypedMessage } from './value.ts';

/** A node whose value is a message. Immutable, but for what a program does to its `value`. */
export class TypedNode<Desc extends DescMessage, Path extends string = string> {
  /** The node as a client that knows of no types reads it. */
  readonly node: Node;
  /** The variables of its path. */
  readonly variables: PathVariables<Path>;
  readonly #message: Desc;
  #value: MessageShape<Desc> | undefined;

  /** Not for programs: typed handles make it. */
  constructor(node: Node, message: Desc, variables: PathVariables<Path>) {
    this.node = node;
    this.variables = variables;
    this.#message = message;
  }

  /** The message. Throws {@link TypeMismatchError} where something else is there, which can only be where no schema is registered. */
  get value(): MessageShape<Desc> {
    this.#value ??= readMessage(this.node, this.#message);
    return this.#value;
  }

  get path(): string {
    return this.node.path;
  }

  /** Trunk revision of the view in which it was read; see {@link Node.revision}. */
  get revision(): number {
    return this.node.revision;
  }

  /** How old the view may be in which it was read, in milliseconds; see {@link Aged}. */
  get ageMs(): number | undefined {
    return this.node.ageMs;
  }

  /** Revision that last changed it. 0 when that change is staged in a ghost. */
  get modifiedRevision(): number {
    return this.node.modifiedRevision;
  }

  /** Number of changes since it was created, from 1. */
  get version(): number {
    return this.node.version;
  }

  /** Who made the last change. */
  get author(): string {
    return this.node.author;
  }

  /** That nobody has changed it since it was read: the precondition of a compare-and-set. */
  unchanged(): Precondition {
    const { path, modifiedRevision, version } = this.node;
    return modifiedRevision > 0
      ? precondition.modifiedRevision(path, modifiedRevision)
      : precondition.version(path, version);
  }
}

/** One operation as it took effect. */
export class TypedChange<Desc extends DescMessage, Path extends string = string> {
  /** The change as a client that knows of no types reads it. */
  readonly change: Change;
  /**
   * The variables of its path. `undefined` where something above was removed or replaced, with all that was below it; what a
   * replacement brought along comes as changes of its own behind it.
   */
  readonly variables: PathVariables<Path> | undefined;
  /** The node afterwards; `undefined` where it was removed. */
  readonly result: TypedNode<Desc, Path> | undefined;
  /** The node before, with `includePrevious`; `undefined` where there was none. */
  readonly previous: TypedNode<Desc, Path> | undefined;

  /** Not for programs: typed subscriptions make it. */
  constructor(change: Change, message: Desc, variables: PathVariables<Path> | undefined) {
    const typed = (node: Node | undefined): TypedNode<Desc, Path> | undefined =>
      variables === undefined || node === undefined || node.kind === 'none'
        ? undefined
        : new TypedNode(node, message, variables);
    this.change = change;
    this.variables = variables;
    this.result = typed(change.result);
    this.previous = typed(change.previous);
  }

  get path(): string {
    return this.change.path;
  }

  /** What was done: `put`, `delete`, … */
  get action(): Action['action'] {
    return this.change.action;
  }

  /** The message afterwards; `undefined` where it was removed. Throws {@link TypeMismatchError} where something else is there. */
  get value(): MessageShape<Desc> | undefined {
    return this.result?.value;
  }
}

/** What a typed subscription yields. */
export type TypedItem<Desc extends DescMessage, Path extends string = string> =
  /** The matching nodes as they are, in order: once, first, complete. */
  | ({
      readonly kind: 'snapshot';
      readonly nodes: readonly TypedNode<Desc, Path>[];
      readonly revision: number;
      readonly position: number;
    } & Aged)
  /** Something that happened to them: one context diff, as far as it is about them. */
  | {
      readonly kind: 'event';
      readonly event: Event;
      readonly changes: readonly TypedChange<Desc, Path>[];
      readonly revision: number;
      readonly position: number;
    }
  /** Everything up to here was sent. Only with the option `bookmarks`. */
  | ({ readonly kind: 'bookmark'; readonly revision: number; readonly position: number } & Aged);

function readMessage<Desc extends DescMessage>(
  { path, kind, value }: Node,
  message: Desc,
): MessageShape<Desc> {
  const due = message.typeName;
  if (!(value instanceof TypedMessage)) throw typeMismatch(path, kind === 'none' ? 'no value' : kind, due);
  const typeName = value.typeUrl.slice(value.typeUrl.lastIndexOf('/') + 1);
  if (typeName !== due) throw typeMismatch(path, typeName, due);
  try {
    return fromBinary(message, value.bytes);
  } catch (error) {
    throw typeMismatch(path, 'bytes that cannot be decoded', due, error);
  }
}
