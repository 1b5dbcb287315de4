/** Typed handles on one message. Its variables come from the scenario, which the compiler cannot check: wrong ones are to be told. */
import { fromJsonString, toJson } from '@bufbuild/protobuf';

import {
  type ResearchNote,
  ResearchNoteSchema,
} from '../../../typescript/src/testing/gen/acme/v1/research_pb.ts';
import type {
  Client,
  Ghost,
  Lock,
  Operation,
  Precondition,
  Published,
  Typed,
  TypedChange,
  TypedItem,
  TypedNode,
} from '../../../typescript/src/index.ts';
import { amountOf, preconditionsOf, scopeOf, type Arguments, type GivenOperation } from './sdk-arguments.ts';
import type { Given } from './sdk-handles.ts';
import type { Result } from './sdk-results.ts';

type Desc = typeof ResearchNoteSchema;

/** A typed handle, and what was read through it last. */
export class Notes {
  readonly #target: Client | Ghost | Lock;
  readonly #nodes: Typed<Desc>;
  #read: TypedNode<Desc> | undefined;

  constructor(target: Client | Ghost | Lock) {
    this.#target = target;
    this.#nodes = target.typed(ResearchNoteSchema);
  }

  /** Calls a verb. */
  async call(verb: string, given: Given): Promise<Result> {
    const { args, signal } = given;
    const { variables = {}, path = '', atRevision } = args;
    switch (verb) {
      case 'get':
        this.#read = await this.#nodes.get(variables, { atRevision, signal });
        return tellNote(this.#read);
      case 'find': {
        const found = await this.#nodes.find(variables, { atRevision, signal });
        return { node: found === undefined ? null : tellNote(found) };
      }
      case 'list':
        return (await this.#nodes.list(variables, { atRevision, signal }).all()).map(tellNote);
      case 'path':
        return this.#nodes.path(variables);
      case 'variablesOf':
        return this.#nodes.variablesOf(path) ?? null;
      case 'subscribe': {
        const subscription = this.#nodes.subscribe(variables, { includePrevious: args.previous });
        given.keep(new WatchingNotes(subscription[Symbol.asyncIterator]()));
        return {};
      }
      default:
        return this.#write(verb, given);
    }
  }

  async #write(verb: string, { args, lease, signal }: Given): Promise<Published> {
    const { variables = {}, mask, field = '' } = args;
    const options = { preconditions: this.#preconditions(args.preconditions), signal };
    switch (verb) {
      case 'put':
        return this.#nodes.put(variables, noteOf(args), { ...options, lease: lease(args.lease) });
      case 'append':
        return this.#nodes.append(variables, noteOf(args), options);
      case 'merge':
        return this.#nodes.merge(variables, noteOf(args), { ...options, mask: mask as never });
      case 'increment':
        return this.#nodes.increment(variables, field as never, amountOf(args), options);
      case 'delete':
        return this.#nodes.delete(variables, scopeOf(args.scope), options);
      case 'publish':
        return this.#target.publish((args.operations ?? []).flatMap(this.#operations), options);
      default:
        throw new Error(`no verb ${verb}`);
    }
  }

  readonly #operations = (given: GivenOperation): Operation[] =>
    Object.entries(given).map(([verb, args]) => this.#operation(verb, args));

  #operation(verb: string, args: Arguments): Operation {
    const { operation } = this.#nodes;
    const { variables = {}, mask, field = '', scope } = args;
    switch (verb) {
      case 'put':
        return operation.put(variables, noteOf(args));
      case 'append':
        return operation.append(variables, noteOf(args));
      case 'merge':
        return operation.merge(variables, noteOf(args), mask as never);
      case 'increment':
        return operation.increment(variables, field as never, amountOf(args));
      case 'delete':
        return operation.delete(variables, scopeOf(scope));
      default:
        throw new Error(`no operation ${verb}`);
    }
  }

  #preconditions(given: readonly GivenOperation[] = []): Precondition[] {
    return given.flatMap((each) =>
      Object.entries(each).map(([kind, args]) => this.#precondition(kind, args)),
    );
  }

  #precondition(kind: string, args: Arguments): Precondition {
    const { variables = {}, field = '', equals, isSet } = args;
    if (kind === 'unchanged') {
      if (this.#read === undefined) throw new Error('nothing was read');
      return this.#read.unchanged();
    }
    if (kind === 'field') {
      const expected = isSet === undefined ? { equals: equals as never } : { isSet };
      return this.#nodes.precondition.field(variables, field as never, expected);
    }
    const [made] = preconditionsOf([{ [kind]: { ...args, path: this.#nodes.path(variables) } }]);
    if (made === undefined) throw new Error(`no precondition ${kind}`);
    return made;
  }
}

/** A typed subscription whose first item was asked for, which is what begins it. */
export class WatchingNotes {
  readonly #items: AsyncGenerator<TypedItem<Desc>, void, void>;
  #first: Promise<IteratorResult<TypedItem<Desc>, void>> | undefined;

  constructor(items: AsyncGenerator<TypedItem<Desc>, void, void>) {
    this.#items = items;
    this.#first = items.next();
    // Whoever takes it is told.
    this.#first.catch(() => {});
  }

  async next(): Promise<Result> {
    const taken = this.#first ?? this.#items.next();
    this.#first = undefined;
    return tellItem((await taken).value ?? undefined);
  }

  async close(): Promise<Result> {
    await this.#items.return();
    return {};
  }
}

function noteOf({ message = '{}' }: Arguments): ResearchNote {
  return fromJsonString(ResearchNoteSchema, message);
}

/** `undefined` becomes nothing; a value that is something else is nothing in a listing, and an error where it is read alone. */
function tellMessage(node: TypedNode<Desc> | undefined): Result {
  if (node === undefined || node.node.kind !== 'message') return null;
  return toJson(ResearchNoteSchema, node.value);
}

function tellNote(node: TypedNode<Desc>): Result {
  const { path, variables, revision, modifiedRevision, version, author } = node;
  return { path, variables, revision, modifiedRevision, version, author, message: tellMessage(node) };
}

function tellItem(item: TypedItem<Desc> | undefined): Result {
  switch (item?.kind) {
    case 'snapshot':
      return { snapshot: { revision: item.revision, nodes: item.nodes.map(tellNote) } };
    case 'event':
      return { event: { revision: item.revision, changes: item.changes.map(tellChange) } };
    case 'bookmark':
      return { bookmark: { revision: item.revision } };
    case undefined:
      return { end: true };
  }
}

function tellChange({ path, action, variables, result, previous }: TypedChange<Desc>): Result {
  const messages = { message: tellMessage(result), previous: tellMessage(previous) };
  return { path, action, variables: variables ?? null, ...messages };
}
