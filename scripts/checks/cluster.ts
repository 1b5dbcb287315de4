/** Three brokers on three servers of NATS, histories of their clients under faults; and that a mistake which only several brokers can make is found so. */
import { existsSync } from 'node:fs';

import { natsServerModule } from '../../bench/harness/tools.ts';
import type { Step } from '../step.ts';
import { failed, run, unavailable } from '../step.ts';
import { goTool, noGo } from './go.ts';
import { pythonTool } from './python.ts';

const main = 'test/jetstream/cluster/main.ts';
/** The plan is the same every time; what happens in it is not. Other faults take longer: `npm run cluster -- --minutes 20`. */
const faults = 'kill_broker,cut_broker,move_clock,kill_nats,cut_nats_routes';
const runs = ['--seed', '1', '--seconds', '25', '--faults', faults];
/** Nothing else need go wrong for it to show. */
const staleRead = ['--mutant', 'stale-read', '--faults', 'none', '--seconds', '5', '--typescript-only'];

export const clusterStep: Step = {
  name: 'cluster',
  async run() {
    if ((await goTool('nats-server', natsServerModule)) === undefined) return unavailable(noGo);
    if (!existsSync(pythonTool('python'))) return unavailable('no Python environment for its workers');
    const { ok, output } = await run('node', [main, ...runs]);
    const lacking = /^no network namespaces.*$/m.exec(output)?.[0];
    if (lacking !== undefined) return unavailable(lacking);
    const checked = /^(\d+) guarantees checked, none broken$/m.exec(output);
    if (!ok || checked === null) return failed('a promise is broken, or the run could not end');
    const mutated = await run('node', [main, ...staleRead], true);
    if (!/^seed \d+ breaks .*(linearizable|strictly serializable)/m.test(mutated.output)) {
      console.log(mutated.output);
      return failed('stale-read was not found');
    }
    const note = /^faults: .*$/m.exec(output)?.[0] ?? '';
    return { passed: Number(checked[1]) + 1, failed: 0, skipped: 0, note };
  },
};
