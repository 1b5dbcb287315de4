/** `SchemaService`: typed state. */
import { create } from '@bufbuild/protobuf';
import { UnboundPaths } from '../../gen/hyperloom/v1/schema_pb.ts';
import {
  type GetSchemaRequest,
  type GetSchemaResponse,
  GetSchemaResponseSchema,
  type ListSchemasRequest,
  type ListSchemasResponse,
  ListSchemasResponseSchema,
  type RegisterSchemaRequest,
  RegisterSchemaRequestSchema,
  type RegisterSchemaResponse,
  RegisterSchemaResponseSchema,
  SchemaService,
  type SetUnboundPathsRequest,
  SetUnboundPathsRequestSchema,
  type SetUnboundPathsResponse,
  SetUnboundPathsResponseSchema,
  type ValidateSchemaRequest,
  type ValidateSchemaResponse,
  ValidateSchemaResponseSchema,
} from '../../gen/hyperloom/v1/schema_service_pb.ts';
import { schemaProblemsMax } from '../../base/limits.ts';
import type { Forest, Settled } from '../../sequencer/forest.ts';
import { checkRevision } from '../../state/values/operate.ts';
import type { Rejection } from '../../state/outcome.ts';
import type { RegisterSchema, SchemaSource } from '../../state/schemas/schema.ts';
import { checkAuthor, checkEnum, toNumber } from '../checks.ts';
import { mapperFrom } from '../convert/mapping.ts';
import { checkSchemaName, schemaFrom, schemaMessage } from '../convert/schema.ts';
import { messageOf, orRefuse, refuse, Refused } from '../errors.ts';
import { defineMethod, type Method } from '../transport.ts';
import { forestOf, requestKey, successOf } from './service.ts';
import type { ServiceContext } from './service.ts';

const unboundPaths = [undefined, 'free', 'refused'] as const;

export function schemaMethods(context: ServiceContext): readonly Method[] {
  const { registerSchema, validateSchema, getSchema, listSchemas, setUnboundPaths } = SchemaService.method;
  return [
    defineMethod({
      kind: 'unary',
      descriptor: registerSchema,
      handle: (request) => register(context, request),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: validateSchema,
      handle: (request) => validate(context, request),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: getSchema,
      handle: (request) => get(context, request),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: listSchemas,
      handle: (request) => list(context, request),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: setUnboundPaths,
      handle: (request) => setUnbound(context, request),
    }),
  ];
}

async function register(
  context: ServiceContext,
  request: RegisterSchemaRequest,
): Promise<RegisterSchemaResponse> {
  const forest = forestOf(context, request.forest);
  const expectedVersion = toNumber(request.expectedVersion);
  const source = schemaFrom(request.name, request.definition, context.schemaCompiler);
  const mapper = mapperFrom(request.mapping, source, context.schemaCompiler);
  const command: RegisterSchema = {
    kind: 'register_schema',
    author: checkAuthor(request.author),
    request: requestKey(request.requestId, RegisterSchemaRequestSchema, request),
    ...source,
    ...(expectedVersion === 0 ? {} : { expectedVersion }),
  };
  const settled = await forest.registerSchema(command, mapper);
  const { name } = source;
  const { version, unchanged, mappedValues } = registeredBy(settled);
  const schema = forest.schemas.at(name, version, Infinity);
  if (schema === undefined) throw new TypeError(`version ${version} of the schema ${name} is gone`);
  return create(RegisterSchemaResponseSchema, {
    schema: schemaMessage(schema, false),
    unchanged,
    repeated: settled.repeated,
    mappedValues: BigInt(mappedValues),
  });
}

/** A version comes into force by itself, or with the commit of mapped values. */
function registeredBy(settled: Settled): {
  readonly version: number;
  readonly unchanged: boolean;
  readonly mappedValues: number;
} {
  if (settled.outcome.kind !== 'committed')
    return { ...successOf(settled, 'schema_registered'), mappedValues: 0 };
  const { schemaVersion: version = 0, revision, operations } = settled.outcome;
  return { version, unchanged: revision === 0, mappedValues: operations };
}

async function validate(
  context: ServiceContext,
  request: ValidateSchemaRequest,
): Promise<ValidateSchemaResponse> {
  const forest = forestOf(context, request.forest);
  let source: SchemaSource;
  try {
    source = schemaFrom(request.name, request.definition, context.schemaCompiler);
  } catch (error) {
    const isTold = error instanceof Refused && error.rejection.reason === 'INVALID_SCHEMA';
    if (!isTold) throw error;
    return refused(forest, error.rejection);
  }
  const mapper = mapperFrom(request.mapping, source, context.schemaCompiler);
  const command = { kind: 'register_schema', author: '', request: null, ...source } as const;
  const tried = await forest.trySchema(command, mapper);
  if ('reason' in tried) return refused(forest, tried);
  const { version, mapped } = tried;
  return create(ValidateSchemaResponseSchema, {
    schema: schemaMessage(version, false),
    unchanged: version === forest.schemas.newest(version.name),
    revision: BigInt(forest.view().revision),
    mappedValues: BigInt(mapped),
  });
}

function refused(forest: Forest, rejection: Rejection): ValidateSchemaResponse {
  return create(ValidateSchemaResponseSchema, {
    reason: rejection.reason,
    message: messageOf(rejection),
    problems: rejection.violations.slice(0, schemaProblemsMax).map(({ field, description, rule = '' }) => ({
      rule,
      subject: field,
      message: rule === '' ? description : description.slice(rule.length + 2),
    })),
    revision: BigInt(forest.view().revision),
  });
}

function get(context: ServiceContext, request: GetSchemaRequest): GetSchemaResponse {
  const forest = forestOf(context, request.forest);
  const name = checkSchemaName(request.name);
  const [version, revision] = [toNumber(request.version), revisionOf(forest, request.atRevision)];
  const schema = forest.schemas.at(name, version, revision);
  if (schema === undefined) {
    const which = version === 0 ? `schema ${name}` : `version ${version} of the schema ${name}`;
    const metadata = { schema: name, version, revision };
    return refuse('SCHEMA_NOT_FOUND', `there is no ${which} at revision ${revision}`, metadata);
  }
  return create(GetSchemaResponseSchema, {
    schema: schemaMessage(schema, true),
    revision: BigInt(revision),
  });
}

function list(context: ServiceContext, request: ListSchemasRequest): ListSchemasResponse {
  const forest = forestOf(context, request.forest);
  const revision = revisionOf(forest, request.atRevision);
  return create(ListSchemasResponseSchema, {
    schemas: forest.schemas.listAt(revision).map((schema) => schemaMessage(schema, false)),
    unboundPaths: forest.schemas.isStrictAt(revision) ? UnboundPaths.REFUSED : UnboundPaths.FREE,
    revision: BigInt(revision),
  });
}

/** Schemas are kept for ever, so only the future is out of range. */
function revisionOf(forest: Forest, asked: bigint): number {
  const { revision: newest } = forest.view();
  const revision = toNumber(asked);
  const range = checkRevision(revision, newest, 0);
  if (range !== null) orRefuse(range);
  return revision === 0 ? newest : revision;
}

async function setUnbound(
  context: ServiceContext,
  request: SetUnboundPathsRequest,
): Promise<SetUnboundPathsResponse> {
  const forest = forestOf(context, request.forest);
  const wanted = checkEnum(request.unboundPaths, unboundPaths, 'unbound_paths');
  const settled = await forest.setUnboundPaths({
    kind: 'set_unbound_paths',
    refused: wanted === 'refused',
    author: checkAuthor(request.author),
    request: requestKey(request.requestId, SetUnboundPathsRequestSchema, request),
  });
  const { revision } = successOf(settled, 'unbound_paths_set');
  return create(SetUnboundPathsResponseSchema, { revision: BigInt(revision), repeated: settled.repeated });
}
