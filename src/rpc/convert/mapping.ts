/** Mappings of stored values to a coming version, as requests have them. */
import {
  fieldNameBytesMax,
  mappingConstantBytesMax,
  mappingMessagesMax,
  mappingRulesMax,
} from '../../base/limits.ts';
import { unreachable } from '../../base/assert.ts';
import type { MappingRule as RuleMessage, SchemaMapping } from '../../gen/hyperloom/v1/schema_pb.ts';
import type { SchemaCompiler } from '../../schema/compile.ts';
import type { MappingRule, MessageRules } from '../../schema/field-mapping.ts';
import { SchemaMapper } from '../../schema/mapper.ts';
import type { SchemaSource } from '../../state/schemas/schema.ts';
import type { ValueMapper } from '../../state/schemas/value-mapper.ts';
import { checkCount, checkNeeded, tooMuch } from '../checks.ts';
import { violation } from '../errors.ts';
import { decodeJson } from '../json-text.ts';

/** Who maps values to `source`; `null` where none are to be mapped. Throws `Refused` where the rules are wrong in themselves. */
export function mapperFrom(
  mapping: SchemaMapping | undefined,
  source: SchemaSource,
  compiler: SchemaCompiler,
): ValueMapper | null {
  return mapping === undefined ? null : new SchemaMapper(compiler, source, rulesFrom(mapping));
}

function rulesFrom({ messages }: SchemaMapping): readonly MessageRules[] {
  checkCount(messages.length, 'mapping.messages', 'mappingMessagesMax', mappingMessagesMax);
  let count = 0;
  const seen = new Set<string>();
  return messages.map(({ messageType, rules: own, dropUnknownFields }, index) => {
    const field = `mapping.messages[${index}]`;
    checkDotted(messageType, `${field}.message_type`, 'a message is named as in `acme.v1.Note`');
    if (seen.has(messageType)) violation(`${field}.message_type`, `${messageType} is there twice`);
    seen.add(messageType);
    count += own.length;
    checkCount(count, `${field}.rules`, 'mappingRulesMax', mappingRulesMax);
    return {
      messageType,
      dropUnknownFields,
      rules: own.map((rule, at) => ruleFrom(rule, `${field}.rules[${at}]`)),
    };
  });
}

function ruleFrom({ kind }: RuleMessage, field: string): MappingRule {
  switch (kind.case) {
    case 'move': {
      const from = fieldName(kind.value.from, `${field}.move.from`);
      return { kind: 'move', from, to: fieldName(kind.value.to, `${field}.move.to`) };
    }
    case 'constant': {
      const name = fieldName(kind.value.field, `${field}.constant.field`);
      const { json } = kind.value;
      const place = `${field}.constant.json`;
      if (json.length > mappingConstantBytesMax)
        tooMuch(place, 'mappingConstantBytesMax', mappingConstantBytesMax, json.length, 'bytes');
      const text = decodeJson(json);
      if (typeof text !== 'string') return violation(place, text.problem);
      return { kind: 'constant', field: name, json: text };
    }
    case 'drop':
      return { kind: 'drop', field: fieldName(kind.value, `${field}.drop`) };
    case undefined:
      return violation(field, 'exactly one of move, constant and drop is required');
    default:
      return unreachable(kind);
  }
}

function fieldName(name: string, field: string): string {
  return checkDotted(name, field, 'a field is named as in `origin.url`');
}

function checkDotted(text: string, field: string, how: string): string {
  checkNeeded(text, field, 'fieldNameBytesMax', fieldNameBytesMax);
  return /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(text) ? text : violation(field, how);
}
