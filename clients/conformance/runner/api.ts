/** The API's methods by name, and its messages in JSON form. */
import {
  create,
  createRegistry,
  type DescMessage,
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';

import {
  BadRequestSchema,
  ErrorInfoSchema,
  file_google_rpc_error_details,
} from '../../typescript/src/gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../typescript/src/gen/google/rpc/status_pb.ts';
import { file_hyperloom_v1_context_service } from '../../typescript/src/gen/hyperloom/v1/context_service_pb.ts';
import { ErrorReasonSchema } from '../../typescript/src/gen/hyperloom/v1/error_reason_pb.ts';
import { file_hyperloom_v1_forest_service } from '../../typescript/src/gen/hyperloom/v1/forest_service_pb.ts';
import { file_hyperloom_v1_gate } from '../../typescript/src/gen/hyperloom/v1/gate_pb.ts';
import { file_hyperloom_v1_ghost } from '../../typescript/src/gen/hyperloom/v1/ghost_pb.ts';
import { file_hyperloom_v1_lock } from '../../typescript/src/gen/hyperloom/v1/lock_pb.ts';
import { file_hyperloom_v1_lock_service } from '../../typescript/src/gen/hyperloom/v1/lock_service_pb.ts';
import { file_hyperloom_v1_node } from '../../typescript/src/gen/hyperloom/v1/node_pb.ts';
import { file_hyperloom_v1_review_service } from '../../typescript/src/gen/hyperloom/v1/review_service_pb.ts';
import { file_hyperloom_v1_schema_service } from '../../typescript/src/gen/hyperloom/v1/schema_service_pb.ts';

const services = [
  file_hyperloom_v1_context_service,
  file_hyperloom_v1_forest_service,
  file_hyperloom_v1_lock_service,
  file_hyperloom_v1_review_service,
  file_hyperloom_v1_schema_service,
];
const registry = createRegistry(
  ...services,
  file_hyperloom_v1_gate,
  file_hyperloom_v1_ghost,
  file_hyperloom_v1_lock,
  file_hyperloom_v1_node,
  file_google_rpc_error_details,
);

/** Every RPC by its name; no two services have one of the same name. */
export const methods: ReadonlyMap<string, DescMethod> = new Map(
  services
    .flatMap((file) => file.services)
    .flatMap((service) => service.methods)
    .map((method) => [method.name, method]),
);

/** Every reason of a refusal, without its prefix. */
export const reasons: readonly string[] = ErrorReasonSchema.values
  .map(({ name }) => name.replace('ERROR_REASON_', ''))
  .filter((name) => name !== 'UNSPECIFIED');

/** The method of that name. Throws where there is none. */
export function methodOf(rpc: string): DescMethod {
  const method = methods.get(rpc);
  if (method === undefined) throw new Error(`there is no RPC ${rpc}`);
  return method;
}

/** A request in binary. One that names no forest goes to `forest`. Throws where it does not fit the message. */
export function encodeRequest(method: DescMethod, request: JsonValue, forest: string): Uint8Array {
  const message = fromJson(method.input, request, { registry });
  const field = method.input.field['forest'];
  if (field?.fieldKind === 'scalar') {
    const named = message as unknown as { forest: string };
    if (named.forest === '') named.forest = forest;
  }
  return toBinary(method.input, message);
}

/** A message in JSON form, with nothing left out. */
export function decode(schema: DescMessage, bytes: Uint8Array): JsonValue {
  return toJson(schema, fromBinary(schema, bytes), { registry, alwaysEmitImplicit: true });
}

/** What a refusal said. */
export interface SeenRefusal {
  readonly reason: string;
  readonly metadata: JsonObject;
  readonly fields: readonly string[];
  /** The first detail that is neither of these. */
  readonly detail: JsonValue | undefined;
}

/** Reads a `google.rpc.Status`. */
export function readRefusal(status: Uint8Array): SeenRefusal {
  const { details } = fromBinary(StatusSchema, status);
  let info = create(ErrorInfoSchema);
  let fields: string[] = [];
  let detail: JsonValue | undefined;
  for (const any of details) {
    const message = anyUnpack(any, registry);
    if (message === undefined) continue;
    if (message.$typeName === ErrorInfoSchema.typeName) info = message as typeof info;
    else if (message.$typeName === BadRequestSchema.typeName) {
      const { fieldViolations } = message as ReturnType<typeof create<typeof BadRequestSchema>>;
      fields = fieldViolations.map(({ field }) => field);
    } else {
      const schema = registry.getMessage(message.$typeName);
      if (schema !== undefined) detail = toJson(schema, message, { registry, alwaysEmitImplicit: true });
    }
  }
  return { reason: info.reason, metadata: info.metadata, fields, detail };
}
