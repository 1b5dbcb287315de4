/** `/metrics`, for Prometheus and whatever else reads its text format. */
import type { Forests } from '../../sequencer/forest.ts';
import type { ProcessUsage } from '../services/service.ts';
import type { Route } from '../web/web-options.ts';
import type { BrokerCounters } from './broker-counters.ts';
import { exposition, expositionType } from './exposition.ts';
import type { Family, Sample } from './exposition.ts';
import { forestFamilies } from './forest-families.ts';
import { meterFamilies } from './meter-families.ts';

export interface MetricsSources {
  readonly forests: Forests;
  readonly counters: BrokerCounters;
  readonly version: string;
  readonly startTimeMs: number;
  readonly usage: () => ProcessUsage;
}

export function metricsRoute(sources: MetricsSources): Route {
  return (request, response) => {
    if ((request.url ?? '').split('?', 1)[0] !== '/metrics') return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain; charset=utf-8' });
      response.end('Metrics can only be read.\n');
      return true;
    }
    const body = exposition(familiesOf(sources));
    response.writeHead(200, {
      'content-type': expositionType,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  };
}

function familiesOf(sources: MetricsSources): Family[] {
  const forests = sources.forests.list();
  return [...brokerFamilies(sources), ...forestFamilies(forests), ...meterFamilies(forests)];
}

function brokerFamilies({ counters, version, startTimeMs, usage }: MetricsSources): Family[] {
  const { residentBytes, cpuMs } = usage();
  const single = (name: string, kind: 'counter' | 'gauge', help: string, value: number): Family => ({
    name,
    help,
    kind,
    samples: [{ labels: {}, value }],
  });
  const refusals = [...counters.refusals].map(([reason, value]): Sample => ({ labels: { reason }, value }));
  return [
    {
      name: 'hyperloom_build_info',
      help: 'The version of the broker.',
      kind: 'gauge',
      samples: [{ labels: { version }, value: 1 }],
    },
    single('process_start_time_seconds', 'gauge', 'Since when it runs.', startTimeMs / 1_000),
    single('process_cpu_seconds_total', 'counter', 'CPU time used.', cpuMs / 1_000),
    single('process_resident_memory_bytes', 'gauge', 'Resident memory.', residentBytes),
    {
      name: 'hyperloom_event_loop_delay_seconds',
      help: 'How late the event loop was, looked at ten times a second.',
      kind: 'histogram',
      samples: counters.loopDelaySeconds.samples(),
    },
    {
      name: 'hyperloom_refusals_total',
      help: 'Calls and diffs refused, by reason; by gRPC code where there is none.',
      kind: 'counter',
      samples: refusals,
    },
    {
      name: 'hyperloom_journal_commit_seconds',
      help: 'How long group commits took: write and sync.',
      kind: 'histogram',
      samples: counters.commitSeconds.samples(),
    },
    single(
      'hyperloom_journal_commit_bytes_total',
      'counter',
      'Bytes of journal entries written.',
      counters.commitBytes,
    ),
  ];
}
