/** A subscription to the nodes of one type. It begins, resumes and ends as any other does. */
import type { DescMessage } from '@bufbuild/protobuf';
import type { Subscription } from './subscription.ts';
import type { SubscriptionItem } from './subscription-item.ts';
import type { PathVariables } from './node-type.ts';
import { TypedChange, TypedNode, type TypedItem } from './typed-node.ts';

/** How the subscription gets to know the variables of a path; `undefined` where it is none of the type's. */
export type VariablesOf<Path extends string> = (path: string) => PathVariables<Path> | undefined;

export class TypedSubscription<
  Desc extends DescMessage,
  Path extends string = string,
> implements AsyncIterable<TypedItem<Desc, Path>> {
  readonly #subscription: Subscription;
  readonly #message: Desc;
  readonly #variablesOf: VariablesOf<Path>;

  /** Not for programs: use `subscribe` of a typed handle. */
  constructor(subscription: Subscription, message: Desc, variablesOf: VariablesOf<Path>) {
    this.#subscription = subscription;
    this.#message = message;
    this.#variablesOf = variablesOf;
  }

  /** Begins the subscription. Each loop has one of its own; leaving the loop ends it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TypedItem<Desc, Path>, void, void> {
    for await (const item of this.#subscription) yield this.#typed(item);
  }

  /** The changes alone, one after the other. */
  async *changes(): AsyncGenerator<TypedChange<Desc, Path>, void, void> {
    for await (const item of this) if (item.kind === 'event') yield* item.changes;
  }

  #typed(item: SubscriptionItem): TypedItem<Desc, Path> {
    switch (item.kind) {
      case 'snapshot':
        return {
          ...item,
          nodes: item.nodes.flatMap((node) => typedNode(node, this.#message, this.#variablesOf)),
        };
      case 'event': {
        const changes = item.event.changes.map(
          (change) => new TypedChange(change, this.#message, this.#variablesOf(change.path)),
        );
        return { ...item, changes };
      }
      case 'bookmark':
        return item;
    }
  }
}

/** A node as one of the type's; nothing where its path is none of theirs, or where it has no value. */
export function typedNode<Desc extends DescMessage, Path extends string>(
  node: TypedNode<Desc, Path>['node'],
  message: Desc,
  variablesOf: VariablesOf<Path>,
): readonly TypedNode<Desc, Path>[] {
  const variables = variablesOf(node.path);
  return variables === undefined || node.kind === 'none' ? [] : [new TypedNode(node, message, variables)];
}
