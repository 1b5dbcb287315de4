/** The forests of a broker that shares its journal with others on NATS JetStream. */
import type { JetStreamAddress } from './journal/jetstream/address.ts';
import { JetStream } from './journal/jetstream/jetstream.ts';
import type { Finding } from './journal/jetstream/start-checks.ts';
import type { Logger } from './log.ts';
import { AgreedForests } from './sequencer/agreed/agreed-forests.ts';
import type { AgreedForestsOptions } from './sequencer/agreed/agreed-forests.ts';
import type { Forests } from './sequencer/forest.ts';
import { defaultForest } from './sequencer/local-forests.ts';

export interface SharedForestsOptions extends Omit<AgreedForestsOptions, 'log'> {
  readonly address: JetStreamAddress;
  readonly log: Logger;
}

/** Connects to NATS and brings the forests back. Throws `JournalFailure` where NATS is not there, or not to be trusted. */
export async function openShared({ address, log, ...options }: SharedForestsOptions): Promise<Forests> {
  const jetStream = await JetStream.connect(address, options.clock);
  try {
    const tell = ({ kind, message, mend }: Finding): void => log.warn(message, { kind, mend });
    const agreedLog = await jetStream.openLog(defaultForest, tell);
    log.info('the journal is read', { servers: address.servers.join(',') });
    return await AgreedForests.open({ ...options, log: agreedLog, onClose: () => jetStream.close() });
  } catch (error) {
    await jetStream.close();
    throw error;
  }
}
