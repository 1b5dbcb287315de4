/**
 * Mappings: how stored messages become those of a version of their schema that they do not get along with, where that can be said field by
 * field. The broker writes the values and puts the version into force, in one revision or not at all.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { MappingRuleSchema, SchemaMappingSchema } from './gen/hyperloom/v1/schema_pb.ts';
import type { Json, JsonValue } from './json.ts';
import { jsonText } from './value.ts';

/** What becomes of a field. Made by the builders in {@link mapping}; immutable. */
export type MappingRule =
  | { readonly kind: 'move'; readonly from: string; readonly to: string }
  | { readonly kind: 'constant'; readonly field: string; readonly json: string }
  | { readonly kind: 'drop'; readonly field: string };

/** What becomes of the fields of one message. Messages of which nothing is said are kept field by field, by name. */
export interface MessageMapping {
  /** The full name of a message that the version before binds, such as `acme.v1.ResearchNote`. */
  readonly messageType: string;
  /** At most 1,000 in all. What no rule names is kept under its name, and must be of a type there that gets along. */
  readonly rules?: readonly MappingRule[] | undefined;
  /** Drops what the version before does not know, and no rule can name. Default: values that hold such fields are refused. */
  readonly dropUnknownFields?: boolean | undefined;
}

/** Builds rules. Fields are called by their names in the proto, through single messages only: `origin.url`. */
export const mapping = {
  /** The field moves, and is converted where the types differ: as ProtoJSON would, and numbers in texts to numbers, integers to texts. */
  move(from: string, to: string): MappingRule {
    return { kind: 'move', from, to };
  },
  /** A field of the coming version has the same value everywhere, in ProtoJSON. */
  constant(field: string, value: JsonValue | Json): MappingRule {
    return { kind: 'constant', field, json: jsonText(value) };
  },
  /** A field of the version before is given up. */
  drop(field: string): MappingRule {
    return { kind: 'drop', field };
  },
} as const;

/** The mapping's message; `undefined` where nothing is said at all: then stored values must fit as they are. */
export function wireMapping(
  messages: readonly MessageMapping[] | undefined,
): MessageInitShape<typeof SchemaMappingSchema> | undefined {
  if (messages === undefined) return undefined;
  return {
    messages: messages.map(({ messageType, rules = [], dropUnknownFields = false }) => ({
      messageType,
      rules: rules.map(wireRule),
      dropUnknownFields,
    })),
  };
}

function wireRule(rule: MappingRule): MessageInitShape<typeof MappingRuleSchema> {
  switch (rule.kind) {
    case 'move':
      return { kind: { case: 'move', value: { from: rule.from, to: rule.to } } };
    case 'constant': {
      const value = { field: rule.field, json: new TextEncoder().encode(rule.json) };
      return { kind: { case: 'constant', value } };
    }
    case 'drop':
      return { kind: { case: 'drop', value: rule.field } };
  }
}
