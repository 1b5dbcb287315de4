/**
 * One agent that publishes messages as fast as the client lets it: ADDRESS COUNT IN-FLIGHT TYPE-URL MESSAGE, the message in base64.
 * Each publish puts it at one of 1,000 paths. Prints its metrics as JSON.
 */
import { connect, TypedMessage } from '../../clients/typescript/src/index.ts';

const [address = '', count = '', inFlight = '', typeUrl = '', message = ''] = process.argv.slice(2);
const value = new TypedMessage(typeUrl, new Uint8Array(Buffer.from(message, 'base64')));
await using client = connect(address, { author: 'bench', trackBasis: false });
let next = 0;

async function keepPublishing(): Promise<void> {
  while (next < Number(count)) {
    const index = next;
    next += 1;
    await client.put(`/session_1/notes/note_${index % 1_000}`, value);
  }
}

const start = performance.now();
await Promise.all(Array.from({ length: Number(inFlight) }, keepPublishing));
const seconds = (performance.now() - start) / 1_000;
console.log(JSON.stringify({ perSecond: Number(count) / seconds }));
