/** The names in a client's certificate, kept with its socket: they are the same for all calls of a connection. */
import type { TLSSocket } from 'node:tls';
import type { CertificateNames } from '../../access/caller.ts';

const names: unique symbol = Symbol('names in the client certificate');

/** `node:http2` hands out a stand-in for the socket, which knows the properties of the socket itself. */
interface Named {
  [names]?: CertificateNames;
}

/** Reads the certificate of a connection that TLS has verified. */
export function noteCertificate(socket: TLSSocket): void {
  if (!socket.authorized) return;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return;
  const parts = alternativeNames(certificate.subjectAltName ?? '');
  const all = (kind: string): string[] =>
    parts.filter((part) => part.kind === kind).map(({ value }) => value);
  (socket as Named)[names] = {
    uris: all('URI'),
    dnsNames: all('DNS'),
    emails: all('email'),
    commonName: commonNameOf(certificate.subject),
    expiresMs: Date.parse(certificate.validTo),
  };
}

/** What was read; `undefined` where there was no certificate. */
export function certificateOf(socket: object): CertificateNames | undefined {
  return (socket as Named)[names];
}

/** `URI:spiffe://a/b, DNS:c`; Node quotes a value that holds what could be taken for a separator, as JSON. */
export function alternativeNames(text: string): { readonly kind: string; readonly value: string }[] {
  const found: { kind: string; value: string }[] = [];
  const part = /\s*([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:,|$)/gy;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    const [, kind = '', told = ''] = match;
    found.push({ kind, value: told.startsWith('"') ? unquoted(told) : told });
    if (part.lastIndex >= text.length) break;
  }
  return found;
}

function unquoted(text: string): string {
  const value: unknown = JSON.parse(text);
  return typeof value === 'string' ? value : '';
}

/** A subject has a line for each part; of several common names none counts. */
function commonNameOf(subject: string | undefined): string {
  const all = (subject ?? '').split('\n').filter((line) => line.startsWith('CN='));
  return all.length === 1 ? (all[0] ?? '').slice('CN='.length) : '';
}
