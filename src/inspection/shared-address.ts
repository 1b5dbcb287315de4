/** What brokers share on NATS, by its address, for those who look at it from outside. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { UsageError } from '../cli/failure.ts';
import { DataFolder } from '../journal/embedded/data-folder.ts';
import { parseJetStreamAddress } from '../journal/jetstream/address.ts';
import type { JetStreamAddress } from '../journal/jetstream/address.ts';
import { JetStream } from '../journal/jetstream/jetstream.ts';
import { verifyStreams } from './verify-streams.ts';
import type { StreamReport } from './verify-streams.ts';

/** A report for each forest. `onEntries` is told of how many entries more were read or applied. */
export async function* verifyShared(
  address: string,
  onEntries: (entries: number) => void,
): AsyncGenerator<StreamReport> {
  // How NATS keeps what is there is no matter of its wholeness.
  const jetStream = await JetStream.connect(
    { ...parsed(address), checks: 'warn' },
    systemClock,
    () => undefined,
  );
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-verify-'));
  try {
    if ((await jetStream.names()).length === 0)
      throw new UsageError(`there are no streams of brokers at ${address}`);
    const store = await DataFolder.open(join(folder, 'replica'));
    try {
      yield* verifyStreams(jetStream, { store, onEntries });
    } finally {
      await store.close();
    }
  } finally {
    await jetStream.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function parsed(address: string): JetStreamAddress {
  try {
    return parseJetStreamAddress(address);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`${address}: ${error.message}`) : error;
  }
}
