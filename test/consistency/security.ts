/** Whether a run speaks TLS: then all of it does, on the one port that there is. The certificate is that of all tests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { testTls } from '../support/tls.ts';

/** What the broker, the workers and the run itself need to know of it. */
export interface Security {
  readonly scheme: 'http' | 'https';
  /** For the broker. */
  readonly settings: readonly string[];
  /** A file, for workers: empty without TLS. */
  readonly authorityFile: string;
  /** Its content. */
  readonly authority: string | undefined;
}

export const plain: Security = { scheme: 'http', settings: [], authorityFile: '', authority: undefined };

/** Writes what is needed into a folder. */
export function withTls(folder: string): Security {
  const authorityFile = join(folder, 'certificate.pem');
  const keyFile = join(folder, 'key.pem');
  writeFileSync(authorityFile, testTls.certificate);
  writeFileSync(keyFile, testTls.key);
  const settings = ['--tls-cert', authorityFile, '--tls-key', keyFile];
  return { scheme: 'https', settings, authorityFile, authority: testTls.certificate };
}
