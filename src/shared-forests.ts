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

export interface SharedForestsOptions extends Omit<
  AgreedForestsOptions,
  'logs' | 'onProgress' | 'onFailure'
> {
  readonly address: JetStreamAddress;
  readonly log: Logger;
}

/** Connects to NATS and brings the forests back. Throws `JournalFailure` where NATS is not there, or not to be trusted. */
export async function openShared({ address, log, ...options }: SharedForestsOptions): Promise<Forests> {
  const tell = ({ kind, message, mend }: Finding): void => log.warn(message, { kind, mend });
  const logs = await JetStream.connect(address, options.clock, tell);
  try {
    log.info('the journal is read', { servers: address.servers.join(',') });
    const onProgress = (forest: string, { what, done, of }: StartProgress): void => {
      const message = what === 'log' ? 'the journal is read: entries' : 'the journal is read: history';
      log.info(message, { forest, done, of });
    };
    const onFailure = (error: unknown): void =>
      log.warn('what brokers share could not be written or read', errorFields(error));
    return await AgreedForests.open({ ...options, logs, onProgress, onFailure });
  } catch (error) {
    await logs.close();
    throw error;
  }
}
