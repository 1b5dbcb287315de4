/** Forests on NATS JetStream: the log's contract on a real server, and brokers that share a forest while they and their servers die. */
import { natsServerModule } from '../../bench/harness/tools.ts';
import type { Step } from '../step.ts';
import { unavailable } from '../step.ts';
import { goTool, noGo } from './go.ts';
import { runVitest } from './vitest.ts';

export const jetstreamStep: Step = {
  name: 'jetstream',
  async run() {
    if ((await goTool('nats-server', natsServerModule)) === undefined) return unavailable(noGo);
    return runVitest(['--config', 'test/jetstream/vitest-config.ts'], []);
  },
};
