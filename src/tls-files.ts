/** The certificates that a broker goes by, read again when they are renewed. */
import { readFile } from 'node:fs/promises';
import { WatchedFiles } from './access/watched-files.ts';
import type { Clock } from './base/clock.ts';
import type { Settings } from './config.ts';
import type { Logger } from './log.ts';
import type { TlsFiles } from './rpc/transport.ts';

type TlsSettings = NonNullable<Settings['tls']>;

export async function readTls(tls: TlsSettings): Promise<TlsFiles> {
  const [certificate, key] = await Promise.all([
    readFile(tls.certificate, 'utf8'),
    readFile(tls.key, 'utf8'),
  ]);
  const { clientAuthority: file, isClientOptional } = tls;
  if (file === null) return { certificate, key };
  return { certificate, key, clientAuthority: await readFile(file, 'utf8'), isClientOptional };
}

export interface TlsRenewal {
  readonly tls: TlsSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes over what was read; throws for what cannot be used. */
  readonly renew: (files: TlsFiles) => void;
}

/** Hands over certificates as they change. Connections that are open go on with what they began with. */
export function watchTls({ tls, clock, log, renew }: TlsRenewal): Promise<WatchedFiles> {
  const { certificate, key, clientAuthority } = tls;
  const files = [certificate, key, ...(clientAuthority === null ? [] : [clientAuthority])];
  return WatchedFiles.start({
    clock,
    files: () => files,
    async reload() {
      renew(await readTls(tls));
      log.info('the certificates have changed and are in force');
    },
    onFailure: (error) =>
      log.error('the certificates cannot be used; those before stay in force', {
        error: error instanceof Error ? error.message : String(error),
      }),
  });
}
