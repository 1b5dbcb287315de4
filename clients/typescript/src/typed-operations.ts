/** Operations and preconditions on the nodes of one message type, for `publish`: so several of them take effect as one. */
import { create, toBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import {
  amountFor,
  protoJson,
  resolveField,
  type FieldPath,
  type FieldValue,
  type NumberPath,
} from './field-path.ts';
import type { PathVariables } from './node-type.ts';
import {
  operation,
  precondition,
  type Amount,
  type DeleteScope,
  type Expectation,
  type LeaseReference,
  type Operation,
  type Precondition,
} from './operation.ts';
import type { PathTemplate } from './path-template.ts';
import { TypedMessage } from './value.ts';

/** Builders of operations of one type, named as its verbs. */
export interface TypedOperations<Desc extends DescMessage, Path extends string> {
  /** Sets the message. */
  readonly put: (
    variables: PathVariables<Path>,
    value: MessageInitShape<Desc>,
    lease?: LeaseReference,
  ) => Operation;
  /** Adds what the repeated fields of `addition` hold to the ends of those of the node. */
  readonly append: (variables: PathVariables<Path>, addition: MessageInitShape<Desc>) => Operation;
  /**
   * With a mask those fields become what the patch says, and are cleared where it has not set them. Without one, what is set in the
   * patch is merged as Protobuf merges: single fields are set, messages merged, repeated fields appended to.
   */
  readonly merge: (
    variables: PathVariables<Path>,
    patch: MessageInitShape<Desc>,
    mask?: readonly FieldPath<Desc>[],
  ) => Operation;
  /** Adds to a number: exactly in 64 bits to an integer, in double precision to any other. */
  readonly increment: (variables: PathVariables<Path>, field: NumberPath<Desc>, amount?: Amount) => Operation;
  /** Removes the node with all below it, or its own value only. */
  readonly delete: (variables: PathVariables<Path>, scope?: DeleteScope) => Operation;
}

/** Builders of preconditions on nodes of one type. */
export interface TypedPreconditions<Desc extends DescMessage, Path extends string> {
  /** The node is there. */
  readonly present: (variables: PathVariables<Path>) => Precondition;
  /** The node is not there. */
  readonly absent: (variables: PathVariables<Path>) => Precondition;
  /** What a single field that is no message is: whether it is set, or what it is equal to. */
  readonly field: (
    variables: PathVariables<Path>,
    field: FieldPath<Desc>,
    expected: Expectation<FieldValue>,
  ) => Precondition;
}

export function typedOperations<Desc extends DescMessage, Path extends string>(
  message: Desc,
  template: PathTemplate,
): TypedOperations<Desc, Path> {
  const packed = (value: MessageInitShape<Desc>): TypedMessage =>
    new TypedMessage(`type.googleapis.com/${message.typeName}`, toBinary(message, create(message, value)));
  return {
    put: (variables, value, lease) => operation.put(template.path(variables), packed(value), lease),
    append: (variables, addition) => operation.append(template.path(variables), packed(addition)),
    merge(variables, patch, mask = []) {
      const names = mask.map((path) => resolveField(message, path).name);
      return operation.merge(template.path(variables), packed(patch), names);
    },
    increment(variables, field, amount = 1) {
      const resolved = resolveField(message, field);
      return operation.increment(template.path(variables), amountFor(resolved, amount), resolved.name);
    },
    delete: (variables, scope) => operation.delete(template.path(variables), scope),
  };
}

export function typedPreconditions<Desc extends DescMessage, Path extends string>(
  message: Desc,
  template: PathTemplate,
): TypedPreconditions<Desc, Path> {
  return {
    present: (variables) => precondition.present(template.path(variables)),
    absent: (variables) => precondition.absent(template.path(variables)),
    field(variables, field, expected) {
      const { name } = resolveField(message, field);
      const told = 'isSet' in expected ? expected : { equals: protoJson(expected.equals) };
      return precondition.field(template.path(variables), name, told);
    },
  };
}
