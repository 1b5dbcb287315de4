/** Reads how a gRPC call ended: from trailers, from HTTP status, from the way its HTTP/2 stream broke. */
import { fromBinary } from '@bufbuild/protobuf';
import { constants, type IncomingHttpHeaders } from 'node:http2';
import { codeName } from '../code-name.ts';
import { makeError, type Code, type HyperloomError } from '../errors.ts';
import { StatusSchema } from '../gen/google/rpc/status_pb.ts';
import { errorFromStatus, type StatusDetail } from '../status.ts';

/** `undefined` for success. */
export function statusError(headers: IncomingHttpHeaders): HyperloomError | undefined {
  const status = headers['grpc-status'];
  if (status === '0') return undefined;
  if (typeof status !== 'string') return httpError(headers);
  const message = headers['grpc-message'];
  const details = headers['grpc-status-details-bin'];
  const text = typeof message === 'string' ? percentDecode(message) : '';
  return errorFromStatus(
    codeName(Number(status)),
    text,
    typeof details === 'string' ? readDetails(details) : [],
  );
}

/** The error for an HTTP answer that is not gRPC, by gRPC's own table. */
export function httpError(headers: IncomingHttpHeaders): HyperloomError {
  const status = Number(headers[':status'] ?? 0);
  const code = httpCodes[status] ?? 'UNKNOWN';
  return makeError({ code, message: `the answer is HTTP ${status} and not gRPC: is this a broker?` });
}

/** The error for an HTTP/2 stream that was reset with `code`, by gRPC's own table. */
export function resetError(code: number, cause: unknown): HyperloomError {
  const name = resetCodes[code] ?? 'INTERNAL';
  return makeError({ code: name, message: `the stream was reset with HTTP/2 code ${code}`, cause });
}

/** The error for a connection that failed or went away. */
export function connectionError(origin: string, cause: unknown): HyperloomError {
  const text = cause instanceof Error && cause.message !== '' ? `: ${messageOf(cause)}` : '';
  return makeError({
    code: 'UNAVAILABLE',
    message: `no connection to the broker at ${origin}${text}`,
    cause,
  });
}

/** Node hides the errors of a host with several addresses in an aggregate without text, and that of a connection in what it says of its streams. */
function messageOf(cause: Error): string {
  if (cause instanceof AggregateError) return cause.errors.map(String).join('; ');
  return (
    /^The pending stream has been canceled \(caused by: (.+)\)$/s.exec(cause.message)?.[1] ?? cause.message
  );
}

function readDetails(header: string): readonly StatusDetail[] {
  try {
    const { details } = fromBinary(StatusSchema, Buffer.from(header, 'base64'));
    return details.map(({ typeUrl, value }) => ({
      typeName: typeUrl.slice(typeUrl.lastIndexOf('/') + 1),
      bytes: value,
    }));
  } catch {
    return [];
  }
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const httpCodes: Readonly<Record<number, Code>> = {
  400: 'INTERNAL',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  429: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

const resetCodes: Readonly<Record<number, Code>> = {
  [constants.NGHTTP2_REFUSED_STREAM]: 'UNAVAILABLE',
  [constants.NGHTTP2_CANCEL]: 'CANCELLED',
  [constants.NGHTTP2_ENHANCE_YOUR_CALM]: 'RESOURCE_EXHAUSTED',
  [constants.NGHTTP2_INADEQUATE_SECURITY]: 'PERMISSION_DENIED',
};
