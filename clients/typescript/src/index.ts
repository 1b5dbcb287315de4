/** The client for Node: gRPC over HTTP/2. */
export * from './api.ts';
export { connect, type ConnectOptions } from './node-transport/connect.ts';
export type { TlsOptions } from './node-transport/address.ts';
export type { LoadBalancing } from './node-transport/endpoints.ts';
