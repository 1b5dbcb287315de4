/**
 * Writes something five times a second, and looks how long that takes. Where the answer takes long, nobody let the broker work, or its disk: on
 * a machine with too little to go round that is no fault of its own, and leases, whose ends are written too, cannot end in time either.
 */
import { putText } from '../support/broker.ts';
import { connectTo, sleep } from './broker.ts';
import type { Absence, TestedBroker } from './broker.ts';
import { nowNs } from './record.ts';

const everyMs = 200;
const path = '/pulse';
/** An answer that takes longer is late. */
const lateNs = 0.25e9;

/** Notes late answers until the signal aborts. No answer at all is for whoever keeps the broker from answering to note. */
export async function watchPulse(
  broker: TestedBroker,
  absences: Absence[],
  over: AbortSignal,
): Promise<void> {
  let beat = 0;
  while (!over.aborted) {
    const clients = connectTo(broker.address);
    try {
      while (!over.aborted) {
        const startNs = nowNs();
        beat += 1;
        const request = { operations: [putText(path, `${beat}`)], requestId: `pulse ${beat}` };
        await clients.context.publish(request, { timeoutMs: 30_000 });
        const endNs = nowNs();
        if (endNs - startNs > lateNs) absences.push({ startNs, endNs, kind: 'starved' });
        await sleep(everyMs);
      }
    } catch {
      await sleep(everyMs);
    } finally {
      clients.cut();
    }
  }
}
