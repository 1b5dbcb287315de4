/** Schemas for tests: sources compiled by `buf`, values of their messages, and operations with them. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, createFileRegistry, fromBinary, fromJson, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, JsonValue, MessageInitShape } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type Operation, OperationSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import type { SchemaDefinitionSchema } from '../../src/gen/hyperloom/v1/schema_pb.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The `buf` of this project. */
export const buf = join(root, 'node_modules', '.bin', 'buf');

/** Runs `work` in a folder with these files and what schemas import. */
export function withProtos<T>(files: Readonly<Record<string, string>>, work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-protos-'));
  try {
    cpSync(join(root, 'test', 'support', 'protos'), folder, { recursive: true });
    const options = join('hyperloom', 'v1', 'node_options.proto');
    mkdirSync(join(folder, 'hyperloom', 'v1'), { recursive: true });
    cpSync(join(root, 'proto', options), join(folder, options));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The descriptor set of these files and what they import, as `buf build` writes it. */
export function buildProtos(files: Readonly<Record<string, string>>): Uint8Array {
  return withProtos(files, (folder) => {
    const paths = Object.keys(files).flatMap((name) => ['--path', join(folder, name)]);
    const ran = spawnSync(buf, ['build', folder, ...paths, '--exclude-source-info', '-o', '-'], {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (ran.status !== 0) throw new Error(`buf build: ${ran.stderr.toString()}`);
    return new Uint8Array(ran.stdout);
  });
}

const head = `syntax = "proto3";
package acme.v1;
import "buf/validate/validate.proto";
import "hyperloom/v1/node_options.proto";
`;

/** One file of the package `acme.v1` with these messages. */
export function acme(messages: string): Uint8Array {
  return buildProtos({ 'acme/v1/acme.proto': head + messages });
}

/** The definition of a schema in Protobuf. */
export function protobuf(value: Uint8Array): MessageInitShape<typeof SchemaDefinitionSchema> {
  return { kind: { case: 'descriptorSet', value } };
}

/** The definition of a schema in JSON. */
export function jsonSchema(path: string, schema: unknown): MessageInitShape<typeof SchemaDefinitionSchema> {
  const json = new TextEncoder().encode(typeof schema === 'string' ? schema : JSON.stringify(schema));
  return { kind: { case: 'jsonSchema', value: { json, path } } };
}

/** A message type out of a descriptor set. */
export function messageOf(set: Uint8Array, typeName: string): DescMessage {
  const found = createFileRegistry(fromBinary(FileDescriptorSetSchema, set)).getMessage(typeName);
  if (found === undefined) throw new Error(`there is no ${typeName}`);
  return found;
}

/** The bytes of a message that is given as ProtoJSON. */
export function encoded(type: DescMessage, json: JsonValue): Uint8Array<ArrayBuffer> {
  return new Uint8Array(toBinary(type, fromJson(type, json)));
}

/** A put of a message that is given as ProtoJSON. */
export function putMessage(path: string, type: DescMessage, json: JsonValue): Operation {
  return putEncoded(path, type.typeName, encoded(type, json));
}

/** A put of bytes that claim to be a message. */
export function putEncoded(path: string, typeName: string, value: Uint8Array): Operation {
  const any = { typeUrl: `type.googleapis.com/${typeName}`, value: new Uint8Array(value) };
  const kind = { case: 'message', value: any } as const;
  return create(OperationSchema, { path, action: { case: 'put', value: { kind } } });
}
