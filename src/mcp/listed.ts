/**
 * Schemas as clients list them. Whoever lists the tools pays for every word in every conversation, so a listed schema says what a
 * model needs and nothing that goes without saying: the dialect, that an integer is no larger than integers are, that an id is not
 * empty, that nothing else is expected. What is checked is the whole schema. Each is made once, not for every connection and request.
 */
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import * as z from 'zod';

type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema that is listed in brief. What has an `id` in it is told once, however often it is used. */
export function listed<Schema extends z.ZodObject>(
  schema: Schema,
): StandardSchemaWithJSON<z.input<Schema>, z.output<Schema>> {
  const { version, vendor, validate } = schema['~standard'];
  const made: { input?: JsonSchema; output?: JsonSchema } = {};
  return {
    '~standard': {
      version,
      vendor,
      validate,
      jsonSchema: {
        input() {
          // Models should see that no other arguments are taken; that the same holds within them need not be said each time.
          made.input ??= { ...brief(z.toJSONSchema(schema, { io: 'input' })), additionalProperties: false };
          return { ...made.input };
        },
        output() {
          made.output ??= brief(z.toJSONSchema(schema, { io: 'output' }));
          return { ...made.output };
        },
      },
    },
  };
}

function brief(schema: JsonSchema): JsonSchema {
  const told: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema))
    if (!goesWithoutSaying(key, value, schema)) told[key] = briefly(value);
  return told;
}

function briefly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(briefly);
  return typeof value === 'object' && value !== null ? brief(value as JsonSchema) : value;
}

/** Names of properties are keys as well, but what they stand for is always an object. */
function goesWithoutSaying(key: string, value: unknown, schema: JsonSchema): boolean {
  switch (key) {
    case '$schema':
    case 'id':
      return typeof value === 'string';
    case 'minimum':
      return value === Number.MIN_SAFE_INTEGER;
    case 'maximum':
      return value === Number.MAX_SAFE_INTEGER;
    case 'minLength':
      return value === 1;
    case 'additionalProperties':
      return value === false;
    case 'type':
      return schema['const'] !== undefined && typeof value === 'string';
    case 'default':
      return Array.isArray(value) && value.length === 0;
    default:
      return false;
  }
}
