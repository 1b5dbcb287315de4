/** A client by what is in force: the address, the certificates, and what else a profile may say. */
import { readFileSync } from 'node:fs';

import {
  connect,
  type Client,
  type ConnectOptions,
  type TlsOptions,
} from '../../../clients/typescript/src/index.ts';
import { UsageError } from '../failure.ts';
import type { Profile } from './profile.ts';

/** Throws a {@link UsageError} for what cannot be an address, and for a certificate without its key. */
export function connectBy(values: Profile, more: ConnectOptions): Client {
  const { address = '', author, forest } = values;
  const tls = tlsOf(values);
  try {
    return connect(address, { author, forest, tls, token: tokenOf(values), ...more });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

/** A token that is renewed in its file is taken over. Without a file, the client looks into the environment. */
function tokenOf({ tokenFile }: Profile): (() => string) | undefined {
  if (tokenFile === undefined) return undefined;
  const read = (): string => readFileSync(tokenFile, 'utf8').trim();
  read();
  return read;
}

/** TLS as the files say; without them the address says whether there is any. */
function tlsOf({ caFile, certFile, keyFile }: Profile): TlsOptions | undefined {
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new UsageError('a certificate and its key belong together: name both --cert-file and --key-file');
  if (caFile === undefined && certFile === undefined) return undefined;
  const textOf = (file: string | undefined): string | undefined =>
    file === undefined ? undefined : readFileSync(file, 'utf8');
  return { authority: textOf(caFile), certificate: textOf(certFile), key: textOf(keyFile) };
}
