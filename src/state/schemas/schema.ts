/** What the state knows of schemas: their source and the paths that they are about. What they mean is for others to say. */
import type { PathTemplate } from './path-template.ts';
import type { CommandCommon } from '../command-common.ts';

/** `protobuf`: the source is a `FileDescriptorSet`. `json_schema`: it is JSON text. */
export type SchemaFormat = 'protobuf' | 'json_schema';

/** Paths and what may be there. */
export interface SchemaBinding {
  readonly template: PathTemplate;
  /** Full name of the message. Empty: JSON. */
  readonly messageType: string;
}

/** A schema's source and what it is about. */
export interface SchemaSource {
  readonly name: string;
  readonly format: SchemaFormat;
  /** One character a byte. */
  readonly definition: string;
  /** In the order of the definition. No two have a path in common. */
  readonly bindings: readonly SchemaBinding[];
}

/** One version of a schema, as it was registered. Immutable. */
export interface SchemaVersion extends SchemaSource {
  /** From 1. */
  readonly version: number;
  /** The trunk revision of its registration. */
  readonly revision: number;
  readonly author: string;
  readonly timeMs: number;
}

/** A version of a schema that the commit of a ghost puts into force. */
export interface Migration extends SchemaSource {
  /** The newest version that its author knows; absent where it does not say. */
  readonly expectedVersion?: number;
}

/** Registers the next version of a schema. The bindings were read out of the definition by who proposes it. */
export interface RegisterSchema extends CommandCommon, SchemaSource {
  readonly kind: 'register_schema';
  /** The newest version that its author knows; absent where it does not say. */
  readonly expectedVersion?: number;
}

/** Says what becomes of values at paths of no schema. */
export interface SetUnboundPaths extends CommandCommon {
  readonly kind: 'set_unbound_paths';
  readonly refused: boolean;
}

export type SchemaCommand = RegisterSchema | SetUnboundPaths;

/** What becomes of values at paths of no schema, from a revision on. */
export interface UnboundRule {
  readonly refused: boolean;
  readonly revision: number;
}
