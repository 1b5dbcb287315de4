import type { IncomingHttpHeaders } from 'node:http';
import { deadlineMsMax } from '../../base/limits.ts';
import { parseTimeout } from '../http2/timeout.ts';

/**
 * Brings a deadline that is later than a timer of Node can say forward to the latest it can. Connect's handlers set such a
 * timer, and one that is too long would fire at once.
 */
export function boundDeadline(headers: IncomingHttpHeaders): void {
  const connect = headers['connect-timeout-ms'];
  if (Number(connect) > deadlineMsMax) headers['connect-timeout-ms'] = String(deadlineMsMax);
  const grpc = headers['grpc-timeout'];
  if (typeof grpc === 'string' && (parseTimeout(grpc) ?? 0) > deadlineMsMax) {
    headers['grpc-timeout'] = `${Math.floor(deadlineMsMax / 1_000)}S`;
  }
}
