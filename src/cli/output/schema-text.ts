/** Schemas for people and programs. */
import type {
  RegisteredSchema,
  Schema,
  SchemaBinding,
  SchemaObjection,
  TriedSchema,
} from '../../../clients/typescript/src/index.ts';
import type { JsonRecord } from './records.ts';
import type { Style } from './style.ts';
import { tableLines, type Column } from './table.ts';
import { byteSize, counted, visible } from './text.ts';

/** A schema as a JSON line. Its definition is what `schema pull` is for: it may be bytes, and is large. */
export function schemaRecord({
  definition: _definition,
  bindings,
  registerTime,
  ...schema
}: Schema): JsonRecord {
  return {
    ...schema,
    bindings: bindings.map((binding) => ({ ...binding })),
    registerTime: registerTime.toISOString(),
  };
}

/** A schema that is in force. */
export function registeredText({ schema, unchanged, mappedValues }: RegisteredSchema): string {
  const { name, version, revision, bindings } = schema;
  const state = unchanged ? 'is already' : 'is now';
  const mapped = mappedValues === 0 ? '' : `, ${counted(mappedValues, 'value')} mapped`;
  const head = `${name} ${state} at version ${version} (r${revision})${mapped}`;
  return [head, ...bindings.map(bindingLine)].join('\n');
}

/** What a push would do, as a JSON line. */
export function triedRecord(name: string, tried: TriedSchema): JsonRecord {
  if (tried.accepted) {
    const { schema, ...rest } = tried;
    const bindings = schema.bindings.map((binding) => ({ ...binding }));
    return { name, ...rest, version: schema.version, bindings, reason: '', message: '', problems: [] };
  }
  return { name, ...tried, problems: tried.problems.map((problem) => ({ ...problem })) };
}

/** What a push would do. */
export function triedText(name: string, tried: TriedSchema, style: Style, width = Infinity): string {
  if (tried.accepted) {
    const { version, bindings } = tried.schema;
    const what = tried.unchanged
      ? `${name} is at version ${version} already: nothing would change`
      : `${name} would be at version ${version}: ${tried.mappedValues === 0 ? 'nothing would break' : `${counted(tried.mappedValues, 'value')} would be mapped`}`;
    return [what, ...bindings.map(bindingLine)].join('\n');
  }
  const { reason, message, problems } = tried;
  const head = `${name} would be refused: ${reason}`;
  return [
    head,
    ...(problems.length === 0 ? [visible(message)] : tableLines(problemColumns, problems, style, width)),
  ].join('\n');
}

/** The columns of a table of schemas. */
export const schemaColumns: readonly Column<Schema>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'VERSION', align: 'right', cell: ({ version }) => String(version) },
  { title: 'REVISION', align: 'right', cell: ({ revision }) => `r${revision}` },
  { title: 'SIZE', align: 'right', cell: ({ definitionBytes }) => byteSize(definitionBytes) },
  { title: 'AUTHOR', cell: ({ author }) => visible(author), cut: 'end' },
  { title: 'PATHS', cell: ({ bindings }) => bindings.map(bindingText).join(', '), cut: 'end' },
];

const problemColumns: readonly Column<SchemaObjection>[] = [
  { title: 'RULE', cell: ({ rule }) => rule },
  { title: 'WHERE', cell: ({ subject }) => visible(subject), cut: 'middle' },
  { title: 'WHAT', cell: ({ message }) => visible(message) },
];

function bindingLine(binding: SchemaBinding): string {
  return `  ${bindingText(binding)}`;
}

function bindingText({ path, messageType }: SchemaBinding): string {
  return `${visible(path)} ${messageType === '' ? 'JSON' : messageType}`;
}
