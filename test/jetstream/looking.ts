/** Streams as a command sees them that is no broker. */
import { systemClock } from '../../src/base/clock.ts';
import { parseJetStreamAddress } from '../../src/journal/jetstream/address.ts';
import { JetStream } from '../../src/journal/jetstream/jetstream.ts';

/** Looks at the streams behind an address, on a connection of its own. */
export async function looking<T>(address: string, look: (streams: JetStream) => Promise<T>): Promise<T> {
  const streams = await JetStream.connect(parseJetStreamAddress(address), systemClock, () => undefined);
  try {
    return await look(streams);
  } finally {
    await streams.close();
  }
}
