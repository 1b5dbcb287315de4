/** How a refusal is written into gRPC trailers: `grpc-status`, `grpc-message`, `grpc-status-details-bin`. */
import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { statusDetailsBytesMax, statusMessageBytesMax } from '../../base/limits.ts';
import { StatusSchema } from '../../gen/google/rpc/status_pb.ts';
import { type HeaderPair, HeaderTemplate } from '../../transport/h2/header-template.ts';
import { type RpcError, statusCodes } from '../transport.ts';
import { encodeBase64 } from './header-metadata.ts';

/** The trailers of a call that ended as it should. */
export const okTrailers = new HeaderTemplate([['grpc-status', '0']]);

/** The trailers that say `error`. */
export function errorTrailers(error: RpcError): readonly HeaderPair[] {
  const trailers: HeaderPair[] = [['grpc-status', String(statusCodes[error.code])]];
  const message = truncate(error.message);
  if (message !== '') trailers.push(['grpc-message', percentEncode(message)]);
  if (error.details.length > 0) {
    trailers.push(['grpc-status-details-bin', encodeBase64(encodeStatus(error, message))]);
  }
  return trailers;
}

/** Details are dropped from the last one on where all of them together would not fit a client's limit for trailers. */
function encodeStatus(error: RpcError, message: string): Uint8Array {
  const details = error.details.map((detail) => anyPack(detail.descriptor, detail.message));
  for (;;) {
    const status = create(StatusSchema, { code: statusCodes[error.code], message, details });
    const bytes = toBinary(StatusSchema, status);
    if (bytes.length <= statusDetailsBytesMax || details.length === 0) return bytes;
    details.pop();
  }
}

function truncate(message: string): string {
  if (message.length <= statusMessageBytesMax / 3) return message;
  const bytes = Buffer.from(message);
  if (bytes.length <= statusMessageBytesMax) return message;
  return `${bytes
    .subarray(0, statusMessageBytesMax - 3)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}

/** Everything but printable ASCII, `%` itself, and spaces at either end, as `%XX` of its UTF-8 bytes. */
export function percentEncode(message: string): string {
  if (/^(?:[!-$&-~](?:[ -$&-~]*[!-$&-~])?)?$/.test(message)) return message;
  const bytes = Buffer.from(message);
  let encoded = '';
  for (const [index, byte] of bytes.entries()) {
    const isInside = index > 0 && index < bytes.length - 1;
    const isPlain = byte > 0x20 && byte <= 0x7e && byte !== 0x25;
    if (isPlain || (byte === 0x20 && isInside)) encoded += String.fromCharCode(byte);
    else encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
