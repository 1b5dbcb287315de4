import type { CertificateNames } from '../../access/caller.ts';

/** One HTTP/2 connection as the rules about its life need it, whatever engine it is of. */
export interface Session {
  /** Where it comes from, `address:port`. */
  readonly peer: string;
  /** That of the client, where it has shown one. */
  readonly certificate: CertificateNames | undefined;
  readonly isClosed: boolean;
  onClose(callback: () => void): void;
  /** Asks for a sign of life. False when that is not possible any more. */
  ping(answered: () => void): boolean;
  /** GOAWAY; the connection closes when its streams have ended. */
  leave(): void;
  destroy(): void;
}

/** `address:port` of a socket's other side. */
export function peerOf(remoteAddress = 'unknown', remotePort = 0): string {
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
