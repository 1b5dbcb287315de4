import { Code, ConnectError } from '@connectrpc/connect';
import type { RpcError, StatusName } from '../transport.ts';

/** Connect's codes for ours. It has none for OK, which no refusal says. */
const codes: Readonly<Record<StatusName, Code>> = {
  OK: Code.Unknown,
  CANCELLED: Code.Canceled,
  UNKNOWN: Code.Unknown,
  INVALID_ARGUMENT: Code.InvalidArgument,
  DEADLINE_EXCEEDED: Code.DeadlineExceeded,
  NOT_FOUND: Code.NotFound,
  ALREADY_EXISTS: Code.AlreadyExists,
  PERMISSION_DENIED: Code.PermissionDenied,
  RESOURCE_EXHAUSTED: Code.ResourceExhausted,
  FAILED_PRECONDITION: Code.FailedPrecondition,
  ABORTED: Code.Aborted,
  OUT_OF_RANGE: Code.OutOfRange,
  UNIMPLEMENTED: Code.Unimplemented,
  INTERNAL: Code.Internal,
  UNAVAILABLE: Code.Unavailable,
  DATA_LOSS: Code.DataLoss,
  UNAUTHENTICATED: Code.Unauthenticated,
};

/** A refusal as Connect's handlers send it, details included. */
export function connectError(error: RpcError): ConnectError {
  const details = error.details.map((detail) => ({ desc: detail.descriptor, value: detail.message }));
  return new ConnectError(error.message, codes[error.code], undefined, details);
}
