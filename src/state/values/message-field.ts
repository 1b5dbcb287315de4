/**
 * Fields of messages as commands name them: by numbers, with what else must be known to work on the bytes of a message. Names
 * are resolved where a command is proposed, out of the schema of its path; the state machine knows no descriptors
 * (`docs/decisions/0009-typed-operations.md`).
 */

/** A field on the way to another. */
export interface FieldStep {
  readonly number: number;
  /** The other members of its oneof, which are not set where it is; empty for most fields. */
  readonly others: readonly number[];
}

/** What is done with a field of a stored message, given a patch, which is a message of the same type. */
export type FieldChange = FieldStep &
  (
    | {
        /**
         * - `replace`: all of it becomes what the patch holds, be it nothing.
         * - `append`: what the patch holds is added behind what is there.
         * - `pack`: the same for numbers, which stand in one packed field.
         * - `entries`: entries of a map, each of which replaces the one of its key.
         * - `present`: an empty message is put where there is none.
         */
        readonly kind: 'replace' | 'append' | 'pack' | 'entries' | 'present';
      }
    /** It holds a message, of which these are changed. */
    | { readonly kind: 'within'; readonly within: readonly FieldChange[] }
  );

/** Types of fields, by the numbers of `google.protobuf.FieldDescriptorProto.Type`. */
export const scalarTypes = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  /** All that can only be set or not: messages, repeated fields, maps. */
  composite: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
} as const;

export type ScalarType = keyof typeof scalarTypes;

/** A field that can be looked at. */
export interface ScalarField {
  /** As it was asked for. */
  readonly name: string;
  /** From the message down; the last one is the field itself. */
  readonly steps: readonly FieldStep[];
  readonly type: ScalarType;
  /** At its default it is not written and counts as not set. Of composites: empty ones are. */
  readonly implicit: boolean;
}
