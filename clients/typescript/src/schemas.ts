/** The schemas of a forest: `client.schemas`. */
import { create } from '@bufbuild/protobuf';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { UnboundPaths as WireUnboundPaths } from './gen/hyperloom/v1/schema_pb.ts';
import {
  GetSchemaRequestSchema,
  ListSchemasRequestSchema,
  RegisterSchemaRequestSchema,
  SchemaService,
  SetUnboundPathsRequestSchema,
  ValidateSchemaRequestSchema,
} from './gen/hyperloom/v1/schema_service_pb.ts';
import { wireMapping, type MessageMapping } from './mapping.ts';
import {
  readDefinition,
  readSchema,
  wireDefinition,
  type Schema,
  type SchemaDefinition,
  type SchemaObjection,
} from './schema.ts';
import type { CallLimits } from './transport.ts';

/** Options of `validate`. */
export interface ValidateSchemaOptions extends CallLimits {
  /**
   * How stored messages become those of this version, field by field. The broker writes them and puts the version into force, in one
   * revision or not at all. Default: stored values stay as they are, and must fit.
   */
  readonly mapping?: readonly MessageMapping[] | undefined;
}

/** Options of `register`. */
export interface RegisterSchemaOptions extends ValidateSchemaOptions {
  /** The newest version that the caller knows; {@link PreconditionFailedError} where it is another. Default: whichever it is. */
  readonly expectedVersion?: number | undefined;
}

/** A schema that is in force. */
export interface RegisteredSchema {
  readonly schema: Schema;
  /** It was the newest version already. */
  readonly unchanged: boolean;
  /** The values that the mapping has written. */
  readonly mappedValues: number;
}

/** What registering would do. */
export type TriedSchema =
  | {
      readonly accepted: true;
      readonly schema: Schema;
      readonly unchanged: boolean;
      readonly revision: number;
      /** The values that the mapping would write. */
      readonly mappedValues: number;
    }
  | {
      readonly accepted: false;
      /** The `ErrorReason` of the refusal, such as `SCHEMA_BREAKING`. */
      readonly reason: string;
      readonly message: string;
      /** Each thing that is wrong; at most 100. */
      readonly problems: readonly SchemaObjection[];
      readonly revision: number;
    };

/** Options of reads. */
export interface ReadSchemaOptions extends CallLimits {
  /** As of this trunk revision. Default: now. */
  readonly atRevision?: number | undefined;
}

/** Options of `get`. */
export interface GetSchemaOptions extends ReadSchemaOptions {
  /** Default: the newest. */
  readonly version?: number | undefined;
}

/** What a forest does with values at paths of no schema: takes any, or none. */
export type UnboundPaths = 'free' | 'refused';

/** The newest version of each schema, by name. */
export interface ListedSchemas {
  readonly schemas: readonly Schema[];
  readonly unboundPaths: UnboundPaths;
  readonly revision: number;
}

export class Schemas {
  readonly #connection: Connection;
  readonly #agent: Agent;

  /** Not for programs: use `client.schemas`. */
  constructor(connection: Connection, agent: Agent) {
    this.#connection = connection;
    this.#agent = agent;
  }

  /**
   * Registers a schema, or the next version of one: 1 to 128 of `a-zA-Z0-9._-`. It is in force when this resolves. Refused where clients or
   * stored values would not get along with it: the error's `violations` say why.
   */
  async register(
    name: string,
    definition: SchemaDefinition,
    options: RegisterSchemaOptions = {},
  ): Promise<RegisteredSchema> {
    const request = create(RegisterSchemaRequestSchema, {
      forest: this.#agent.forest,
      name,
      definition: wireDefinition(definition),
      expectedVersion: BigInt(options.expectedVersion ?? 0),
      requestId: this.#connection.nextRequestId(),
      author: this.#agent.author,
      mapping: wireMapping(options.mapping),
    });
    const { method } = SchemaService;
    const { schema, unchanged, mappedValues } = await this.#connection.caller.unary(
      method.registerSchema,
      request,
      options,
    );
    if (schema === undefined) throw new Error('the broker answered without a schema');
    this.#agent.see(Number(schema.revision));
    return { schema: readSchema(schema), unchanged, mappedValues: Number(mappedValues) };
  }

  /** Says what `register` would do, and changes nothing. */
  async validate(
    name: string,
    definition: SchemaDefinition,
    options: ValidateSchemaOptions = {},
  ): Promise<TriedSchema> {
    const request = create(ValidateSchemaRequestSchema, {
      forest: this.#agent.forest,
      name,
      definition: wireDefinition(definition),
      mapping: wireMapping(options.mapping),
    });
    const answer = await this.#connection.caller.unary(SchemaService.method.validateSchema, request, options);
    const { schema, unchanged, reason, message } = answer;
    const revision = Number(answer.revision);
    const mappedValues = Number(answer.mappedValues);
    if (schema !== undefined)
      return { accepted: true, schema: readSchema(schema), unchanged, revision, mappedValues };
    const problems = answer.problems.map(({ rule, subject, message }) => ({ rule, subject, message }));
    return { accepted: false, reason, message, problems, revision };
  }

  /** Reads one version of a schema with its definition. Throws {@link NotFoundError} where there is none. */
  async get(
    name: string,
    options: GetSchemaOptions = {},
  ): Promise<Schema & { readonly definition: SchemaDefinition }> {
    const request = create(GetSchemaRequestSchema, {
      forest: this.#agent.forest,
      name,
      version: BigInt(options.version ?? 0),
      atRevision: BigInt(options.atRevision ?? 0),
    });
    const { schema } = await this.#connection.caller.unary(SchemaService.method.getSchema, request, options);
    const definition = readDefinition(schema?.definition);
    if (schema === undefined || definition === undefined)
      throw new Error('the broker answered without a schema, or with a kind that this client does not know');
    return { ...readSchema(schema), definition };
  }

  /** The newest version of each schema, by name. */
  async list(options: ReadSchemaOptions = {}): Promise<ListedSchemas> {
    const atRevision = BigInt(options.atRevision ?? 0);
    const request = create(ListSchemasRequestSchema, { forest: this.#agent.forest, atRevision });
    const answer = await this.#connection.caller.unary(SchemaService.method.listSchemas, request, options);
    return {
      schemas: answer.schemas.map(readSchema),
      unboundPaths: answer.unboundPaths === WireUnboundPaths.REFUSED ? 'refused' : 'free',
      revision: Number(answer.revision),
    };
  }

  /** Makes the forest strict (`refused`: no value where no schema is), or lets it go. Returns the revision from which on that holds. */
  async setUnboundPaths(unboundPaths: UnboundPaths, limits: CallLimits = {}): Promise<number> {
    const request = create(SetUnboundPathsRequestSchema, {
      forest: this.#agent.forest,
      unboundPaths: unboundPaths === 'refused' ? WireUnboundPaths.REFUSED : WireUnboundPaths.FREE,
      requestId: this.#connection.nextRequestId(),
      author: this.#agent.author,
    });
    const { method } = SchemaService;
    const { revision } = await this.#connection.caller.unary(method.setUnboundPaths, request, limits);
    this.#agent.see(Number(revision));
    return Number(revision);
  }
}
