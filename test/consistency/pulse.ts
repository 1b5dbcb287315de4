/**
 * Writes something five times a second, and looks how long that takes. Where the answer takes long, nobody let the broker work, or its disk: on
 * a machine with too little to go round that is no fault of its own, and leases, whose ends are written too, cannot end in time either.
 */
import { connect, HyperloomError, operation } from '../../clients/typescript/src/index.ts';
import { sleep } from './broker.ts';
import type { Absence, TestedBroker } from './broker.ts';
import { nowNs } from './record.ts';
import type { Security } from './security.ts';
import { tlsOf } from './workers/agent.ts';

const everyMs = 200;
const path = '/pulse';
/** An answer that takes longer is late. */
const lateNs = 0.25e9;

/** Notes late answers until the signal aborts. No answer at all is for whoever keeps the broker from answering to note. */
export async function watchPulse(
  broker: Pick<TestedBroker, 'address'>,
  { authority }: Security,
  absences: Absence[],
  over: AbortSignal,
): Promise<void> {
  await using client = connect(broker.address, { author: 'pulse', retry: false, ...tlsOf(authority) });
  for (let beat = 1; !over.aborted; beat += 1) {
    const startNs = nowNs();
    try {
      await client.publish([operation.put(path, `${beat}`)], { timeoutMs: 30_000 });
      const endNs = nowNs();
      if (endNs - startNs > lateNs) absences.push({ startNs, endNs, kind: 'starved' });
    } catch (error) {
      if (!(error instanceof HyperloomError)) throw error;
    }
    await sleep(everyMs);
  }
}
