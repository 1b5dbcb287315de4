/** Lines of a file: written and read. */
import { base64Encode } from '@bufbuild/protobuf/wire';
import { stringifyJson } from '../api.ts';
import type { JsonRecord } from './json-record.ts';
import { Fields, Malformed } from './fields.ts';
import {
  formatName,
  formatVersion,
  type Happening,
  type HeadLine,
  type PublishLine,
  type RunLine,
  type SchemaLine,
} from './format.ts';
import { operationJson, readBasis, readOperation } from './operation-json.ts';

/** A line of a file, with its end. */
export function lineText(line: HeadLine | RunLine): string {
  return `${stringifyJson(lineJson(line))}\n`;
}

function lineJson(line: HeadLine | RunLine): JsonRecord {
  switch (line.kind) {
    case 'head':
    case 'end':
      return { ...line };
    case 'node':
      return { kind: line.kind, ...operationJson(line.operation) };
    case 'schema':
      return { ...line, definition: definitionJson(line.definition) };
    case 'publish':
    case 'stage': {
      const { operations, basis, time, label } = line;
      const subject =
        line.kind === 'publish'
          ? { revision: line.revision, ...marksJson(line) }
          : { ghost: line.ghost, sequence: line.sequence };
      return {
        kind: line.kind,
        ...subject,
        time: time.toISOString(),
        author: line.author,
        ...(label === '' ? {} : { label }),
        basis: basis.map((entry) => ({ ...entry })),
        changes: operations.map(operationJson),
      };
    }
    case 'commit': {
      const { mistake, time, ...rest } = line;
      return { ...rest, time: time.toISOString(), ...(mistake === undefined ? {} : { mistake }) };
    }
    default:
      return { ...line, time: line.time.toISOString() };
  }
}

/** Marks that most publishes do not have are left out. */
function marksJson({ reverts, mistake }: PublishLine): JsonRecord {
  return { ...(reverts === 0 ? {} : { reverts }), ...(mistake === undefined ? {} : { mistake }) };
}

function definitionJson(definition: SchemaLine['definition']): JsonRecord {
  if (definition.kind === 'json_schema') return { jsonSchema: definition.json, path: definition.path };
  return { descriptorSet: base64Encode(definition.bytes) };
}

/** Whether a text looks like the first line of a run. */
export function isHead(text: string): boolean {
  return /^\s*\{/.test(text) && text.includes(`"${formatName}"`);
}

/** Reads the first line. Throws {@link Malformed}. */
export function readHead(text: string): HeadLine {
  const fields = parsed(text);
  const format = fields.oneOf('format', [formatName]);
  const version = fields.whole('version');
  if (version !== formatVersion)
    throw new Malformed(
      `it is of version ${version} of the format; this program reads version ${formatVersion}`,
    );
  const [from, until] = [fields.whole('from'), fields.whole('until')];
  return {
    kind: 'head',
    format,
    version,
    forest: fields.text('forest'),
    tree: fields.text('tree'),
    from,
    until,
  };
}

const kinds: readonly RunLine['kind'][] = [
  'node',
  'schema',
  'publish',
  'begin',
  'stage',
  'checkpoint',
  'rewind',
  'revert',
  'expire',
  'commit',
  'end',
];

/** Reads a line behind the head. Throws {@link Malformed}. */
export function readLine(text: string): RunLine {
  const fields = parsed(text);
  const kind = fields.oneOf('kind', kinds);
  switch (kind) {
    case 'node':
      return { kind, operation: readOperation(fields) };
    case 'schema':
      return {
        kind,
        revision: fields.whole('revision'),
        name: fields.text('name'),
        author: fields.textOr('author', ''),
        definition: readDefinition(fields.object('definition')),
      };
    case 'end':
      return {
        kind,
        lines: fields.whole('lines'),
        nodes: fields.whole('nodes'),
        sha256: fields.text('sha256'),
      };
    default:
      return readEvent(kind, fields);
  }
}

function readEvent(kind: Exclude<RunLine['kind'], 'node' | 'schema' | 'end'>, fields: Fields): RunLine {
  const happening: Happening = {
    time: fields.time('time'),
    author: fields.textOr('author', ''),
    label: fields.textOr('label', ''),
  };
  const mistake = fields.has('mistake') ? fields.text('mistake') : undefined;
  if (kind === 'publish') {
    const [revision, reverts] = [fields.whole('revision'), fields.wholeOr('reverts', 0)];
    return { kind, revision, reverts, mistake, ...happening, ...diffOf(fields) };
  }
  const ghost = fields.text('ghost');
  switch (kind) {
    case 'begin':
      return {
        kind,
        ghost,
        scope: fields.text('scope'),
        base: fields.whole('base'),
        parent: fields.textOr('parent', ''),
        ...happening,
      };
    case 'stage':
      return { kind, ghost, sequence: fields.whole('sequence'), ...happening, ...diffOf(fields) };
    case 'checkpoint':
      return { kind, ghost, name: fields.text('name'), ...happening };
    case 'rewind':
      return {
        kind,
        ghost,
        checkpoint: fields.text('checkpoint'),
        reason: fields.textOr('reason', ''),
        ...happening,
      };
    case 'revert':
    case 'expire':
      return { kind, ghost, reason: fields.textOr('reason', ''), ...happening };
    case 'commit':
      return { kind, ghost, revision: fields.whole('revision'), mistake, ...happening };
  }
}

function diffOf(fields: Fields) {
  return {
    basis: fields.objects('basis').map(readBasis),
    operations: fields.objects('changes').map(readOperation),
  };
}

function readDefinition(fields: Fields): SchemaLine['definition'] {
  return fields.has('jsonSchema')
    ? { kind: 'json_schema', json: fields.text('jsonSchema'), path: fields.text('path') }
    : { kind: 'descriptor_set', bytes: fields.base64('descriptorSet') };
}

function parsed(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Malformed(`it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return new Fields(value, 'it');
}
