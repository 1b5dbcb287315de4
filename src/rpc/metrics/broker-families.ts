/** What the process and the broker as a whole tell. */
import { getHeapStatistics } from 'node:v8';
import type { ProcessUsage } from '../services/service.ts';
import type { BrokerCounters } from './broker-counters.ts';
import type { Family } from './exposition.ts';
import type { Histogram } from './histogram.ts';

export interface BrokerFigures {
  readonly counters: BrokerCounters;
  readonly version: string;
  readonly startTimeMs: number;
  readonly usage: () => ProcessUsage;
}

export function brokerFamilies({ counters, version, startTimeMs, usage }: BrokerFigures): Family[] {
  const { residentBytes, cpuMs } = usage();
  return [
    {
      name: 'hyperloom_build_info',
      help: 'The version of the broker.',
      kind: 'gauge',
      labels: ['version'],
      samples: [{ labels: { version }, value: 1 }],
    },
    single('process_start_time_seconds', 'gauge', 'Since when it runs.', startTimeMs / 1_000),
    single('process_cpu_seconds_total', 'counter', 'CPU time used.', cpuMs / 1_000),
    single('process_resident_memory_bytes', 'gauge', 'Resident memory.', residentBytes),
    ...engineFamilies(counters),
    {
      name: 'hyperloom_refusals_total',
      help: 'Calls and diffs refused, by reason; by gRPC code where there is none.',
      kind: 'counter',
      labels: ['reason'],
      samples: [...counters.refusals].map(([reason, value]) => ({ labels: { reason }, value })),
    },
    ...counters.calls.families(),
    timed(
      'hyperloom_write_seconds',
      'From the submission of a command until it was durable; of commands that wait for the disk.',
      counters.writeSeconds,
    ),
    ...journalFamilies(counters),
    {
      name: 'hyperloom_spans_total',
      help: 'Spans that the collector took (sent), or did not (failed), or that came while too many were waiting (dropped).',
      kind: 'counter',
      labels: ['result'],
      samples: Object.entries(counters.spans).map(([result, value]) => ({ labels: { result }, value })),
    },
  ];
}

function engineFamilies({ loopDelaySeconds, collectionSeconds }: BrokerCounters): Family[] {
  const heap = getHeapStatistics();
  return [
    timed(
      'hyperloom_event_loop_delay_seconds',
      'How late the event loop was, looked at ten times a second.',
      loopDelaySeconds,
    ),
    single('hyperloom_heap_used_bytes', 'gauge', 'What lives on the heap, and garbage.', heap.used_heap_size),
    single('hyperloom_heap_total_bytes', 'gauge', 'What the heap takes.', heap.total_heap_size),
    single('hyperloom_heap_limit_bytes', 'gauge', 'What the heap may take at most.', heap.heap_size_limit),
    single('hyperloom_external_bytes', 'gauge', 'Buffers outside the heap.', heap.external_memory),
    {
      name: 'hyperloom_gc_seconds',
      help: 'How long collections of garbage stopped everything, by their kind.',
      kind: 'histogram',
      labels: ['kind'],
      samples: [...collectionSeconds].flatMap(([kind, histogram]) => histogram.samples({ kind })),
    },
  ];
}

function journalFamilies(counters: BrokerCounters): Family[] {
  return [
    timed(
      'hyperloom_journal_commit_seconds',
      'How long group commits took: write and sync.',
      counters.commitSeconds,
    ),
    single(
      'hyperloom_journal_commit_bytes_total',
      'counter',
      'Bytes of journal entries written.',
      counters.commitBytes,
    ),
  ];
}

function single(name: string, kind: 'counter' | 'gauge', help: string, value: number): Family {
  return { name, help, kind, labels: [], samples: [{ labels: {}, value }] };
}

function timed(name: string, help: string, histogram: Histogram): Family {
  return { name, help, kind: 'histogram', labels: [], samples: histogram.samples() };
}
