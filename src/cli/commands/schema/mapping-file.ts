/**
 * A mapping in a file: JSON, a member for each message that something is said about.
 *
 *     {"acme.v1.Note": {"move": {"claim": "text", "origin.url": "url"},
 *                       "constant": {"tags": ["mapped"]},
 *                       "drop": ["origin.page"],
 *                       "dropUnknownFields": true}}
 *
 * All members of a message are optional. What no rule names is kept under its name.
 */
import {
  mapping,
  parseJson,
  type JsonValue,
  type MappingRule,
  type MessageMapping,
} from '../../../../clients/typescript/src/index.ts';
import { UsageError } from '../../failure.ts';
import { readSource } from '../../input.ts';

/** The text of the option, the same wherever a mapping is taken. */
export const mappingText =
  'how stored messages become those of this version: a JSON file of {"acme.v1.Note": {"move": {FROM: TO}, "constant": {FIELD: JSON}, "drop": [FIELD], "dropUnknownFields": true}}';

/** Reads it; `undefined` where no file is named. Throws a {@link UsageError} that names what is wrong in it. */
export async function readMapping(
  file: string | undefined,
  stdin: AsyncIterable<Uint8Array>,
): Promise<readonly MessageMapping[] | undefined> {
  if (file === undefined) return undefined;
  const text = Buffer.from(await readSource(file, stdin)).toString();
  const messages = objectOf(parsed(file, text), `${file} must be an object of messages`);
  return Object.entries(messages).map(([messageType, said]) =>
    messageMapping(messageType, objectOf(said, `${file}: ${messageType} must be an object`), file),
  );
}

function parsed(file: string, text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function messageMapping(messageType: string, said: JsonObject, file: string): MessageMapping {
  const rules: MappingRule[] = [];
  let dropUnknownFields = false;
  for (const [key, value] of Object.entries(said)) {
    const place = `${file}: ${messageType}.${key}`;
    switch (key) {
      case 'move':
        for (const [from, to] of Object.entries(objectOf(value, `${place} must be an object of field names`)))
          rules.push(mapping.move(from, textOf(to, `${place}.${from} must be the name of a field`)));
        break;
      case 'constant':
        for (const [field, json] of Object.entries(objectOf(value, `${place} must be an object of values`)))
          rules.push(mapping.constant(field, json));
        break;
      case 'drop':
        if (!Array.isArray(value)) throw new UsageError(`${place} must be a list of field names`);
        for (const field of value)
          rules.push(mapping.drop(textOf(field, `${place} must be a list of field names`)));
        break;
      case 'dropUnknownFields':
        if (typeof value !== 'boolean') throw new UsageError(`${place} must be true or false`);
        dropUnknownFields = value;
        break;
      default:
        throw new UsageError(`${place} is none of move, constant, drop and dropUnknownFields`);
    }
  }
  return { messageType, rules, dropUnknownFields };
}

type JsonObject = { readonly [key: string]: JsonValue };

function objectOf(value: JsonValue, otherwise: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UsageError(otherwise);
  return value as JsonObject;
}

function textOf(value: JsonValue, otherwise: string): string {
  if (typeof value !== 'string') throw new UsageError(otherwise);
  return value;
}
