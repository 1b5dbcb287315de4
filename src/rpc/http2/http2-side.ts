import type { Socket } from 'node:net';
import type { WebListener } from '../web/web-options.ts';
import type { CallHost } from './call-host.ts';
import type { Connection } from './connection.ts';
import type { GrpcHandler } from './grpc-handler.ts';
import type { Session } from './session.ts';

/** What a port needs of an HTTP/2 engine: it serves sockets whose other side speaks HTTP/2. */
export interface Http2Side {
  accept(socket: Socket): void;
}

export interface Http2SideOptions {
  readonly host: CallHost;
  /** Takes binary gRPC. */
  readonly grpc: GrpcHandler;
  /** Takes everything else. */
  readonly listener: WebListener;
  /** Told of each new connection. */
  readonly opened: (session: Session) => Connection;
}
