/** Names of gRPC's numbers. */
import type { Code } from './errors.ts';

const codeNames: readonly Code[] = [
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** The name of a numeric gRPC status code from 1. Codes that nobody has defined are `UNKNOWN`. */
export function codeName(code: number): Code {
  return codeNames[code - 1] ?? 'UNKNOWN';
}
