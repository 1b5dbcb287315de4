/** The forests of a broker that shares its journal with others on NATS JetStream. */
import type { JetStreamAddress } from './journal/jetstream/address.ts';
import { JetStream } from './journal/jetstream/jetstream.ts';
import type { Finding } from './journal/jetstream/start-checks.ts';
import { errorFields } from './log.ts';
import type { Logger } from './log.ts';
import { AgreedForests } from './sequencer/agreed/agreed-forests.ts';
import type { AgreedForestsOptions } from './sequencer/agreed/agreed-forests.ts';
import type { StartProgress } from './sequencer/agreed/start-progress.ts';
import type { Forests } from './sequencer/forest.ts';
import { defaultForest } from './sequencer/local-forests.ts';

export interface SharedForestsOptions extends Omit<
  AgreedForestsOptions,
  'log' | 'objects' | 'onProgress' | 'onFailure'
> {
  readonly address: JetStreamAddress;
  readonly log: Logger;
}

/** Connects to NATS and brings the forests back. Throws `JournalFailure` where NATS is not there, or not to be trusted. */
export async function openShared({ address, log, ...options }: SharedForestsOptions): Promise<Forests> {
  const jetStream = await JetStream.connect(address, options.clock);
  try {
    const tell = ({ kind, message, mend }: Finding): void => log.warn(message, { kind, mend });
    const agreedLog = await jetStream.openLog(defaultForest, tell);
    const objects = await jetStream.openObjects(defaultForest, tell);
    log.info('the journal is read', { servers: address.servers.join(',') });
    const onProgress = ({ what, done, of }: StartProgress): void =>
      log.info(what === 'log' ? 'the journal is read: entries' : 'the journal is read: history', {
        done,
        of,
      });
    const onFailure = (error: unknown): void =>
      log.warn('a shared snapshot could not be written or read', errorFields(error));
    const onClose = (): Promise<void> => jetStream.close();
    const told = { onProgress, onFailure, onClose };
    return await AgreedForests.open({ ...options, ...told, log: agreedLog, objects });
  } catch (error) {
    await jetStream.close();
    throw error;
  }
}
