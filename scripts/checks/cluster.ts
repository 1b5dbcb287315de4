/** Three brokers on three servers of NATS, histories of their clients under faults; and that mistakes are found so. */
import { existsSync } from 'node:fs';

import { natsServerModule } from '../../bench/harness/tools.ts';
import type { Step } from '../step.ts';
import { failed, run, unavailable } from '../step.ts';
import { goTool, noGo } from './go.ts';
import { findMistakes } from './mistakes.ts';
import { pythonTool } from './python.ts';

const main = 'test/jetstream/cluster/main.ts';
/** The plan is the same every time; what happens in it is not. Other faults take longer: `npm run cluster -- --minutes 20`. */
const faults = 'kill_broker,cut_broker,move_clock,kill_nats,cut_nats_routes,compact,make_forest';
const runs = ['--seed', '1', '--seconds', '20', '--whole', '--faults', faults];

/** A stale read, a lost write and a doubled append; and the promises of which one must be found broken. Nothing else need go wrong for them to show. */
const mutants: ReadonlyMap<string, RegExp> = new Map([
  ['stale-read', /linearizable|strictly serializable/],
  ['lost-write', /durable|linearizable/],
  ['forgotten-request', /exactly once|linearizable/],
]);
/** One run is enough as a rule. On a machine that gets little done in one, the next ones go on with other seeds. */
const mutantRuns = ['--faults', 'none', '--seconds', '4', '--runs', '5', '--typescript-only'];

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
    const { missed, others } = await findMistakes(main, mutantRuns, mutants);
    if (missed.length > 0) return failed(`${missed.join(', ')} was not found`);
    const note = [/^faults: .*$/m.exec(output)?.[0] ?? '', ...others]
      .filter((part) => part !== '')
      .join('; ');
    return { passed: Number(checked[1]) + mutants.size, failed: 0, skipped: 0, note };
  },
};
