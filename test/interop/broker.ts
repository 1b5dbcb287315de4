/** The broker that programs are let loose on. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { testTls } from '../support/tls.ts';

/** A broker, and where its certificate lies if it has one. */
export interface InteropBroker extends TestBroker {
  readonly port: number;
}

export async function startInteropBroker(
  settings: Readonly<Record<string, string>> = {},
): Promise<InteropBroker> {
  const broker = await startTestBroker({ settings });
  return { ...broker, port: broker.broker.address.port };
}

/** The same behind TLS, with the certificate of the tests. Its `url` and clients are of no use. */
export async function startTlsBroker(): Promise<InteropBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-tls-'));
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  await Promise.all([writeFile(certificate, testTls.certificate), writeFile(key, testTls.key)]);
  const broker = await startInteropBroker({ 'tls-cert': certificate, 'tls-key': key });
  const close = async (): Promise<void> => {
    await broker.close();
    await rm(folder, { recursive: true });
  };
  return { ...broker, close };
}
