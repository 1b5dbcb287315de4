/** Schemas as an earlier version of the broker took them, whose validators knew more than today's. */
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { DataFolder } from '../../../src/journal/embedded/data-folder.ts';
import { LocalForests } from '../../../src/sequencer/local-forests.ts';
import { parseTemplate } from '../../../src/state/schemas/path-template.ts';
import type { RegisterSchema, SchemaBinding } from '../../../src/state/schemas/schema.ts';
import type {
  Schema,
  SchemaBinding as WireBinding,
} from '../../typescript/src/gen/hyperloom/v1/schema_pb.ts';

/**
 * Registers a schema in the data of a broker that does not run. The entry is the broker's own, journaled by its own code: only that nobody
 * has judged it. Throws where even so it cannot be registered.
 */
export async function registerUnjudged(data: string, forest: string, schema: Schema): Promise<void> {
  const forests = await LocalForests.open({
    store: await DataFolder.open(data),
    clock: systemClock,
    random: systemRandom,
    snapshotJournalBytes: Infinity,
    onWriteStop: () => undefined,
  });
  try {
    const found = forests.get(forest);
    if ('reason' in found) throw new Error(found.message);
    const { outcome } = await found.registerSchema(commandFor(schema));
    if (outcome.kind === 'rejected') throw new Error(outcome.message);
  } finally {
    await forests.close();
  }
}

function commandFor({ name, author, definition, bindings }: Schema): RegisterSchema {
  const kind = definition?.kind;
  if (kind?.case === undefined) throw new Error(`the old schema ${name} has no definition`);
  const isJson = kind.case === 'jsonSchema';
  return {
    kind: 'register_schema',
    name,
    format: isJson ? 'json_schema' : 'protobuf',
    definition: Buffer.from(isJson ? kind.value.json : kind.value).toString('latin1'),
    bindings: bindings.map(bindingFrom),
    author,
    request: null,
  };
}

function bindingFrom({ path, messageType }: WireBinding): SchemaBinding {
  const template = parseTemplate(path);
  if ('problem' in template) throw new Error(`${path}: ${template.problem}`);
  return { template, messageType };
}
