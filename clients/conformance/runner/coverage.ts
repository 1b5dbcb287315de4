/** What the scenarios have used of the API: every RPC and every reason of a refusal must come up. */
import { methods, reasons } from './api.ts';

/** What was used so far. */
export interface Coverage {
  readonly rpcs: Set<string>;
  readonly reasons: Set<string>;
}

/** Nothing was used. */
export function noCoverage(): Coverage {
  return { rpcs: new Set(), reasons: new Set() };
}

/** What is missing. */
export function gaps(coverage: Coverage): string[] {
  const silent = [...methods.keys()].filter((rpc) => !coverage.rpcs.has(rpc));
  const unseen = reasons.filter((reason) => !coverage.reasons.has(reason));
  return [
    ...silent.map((rpc) => `no scenario calls ${rpc}`),
    ...unseen.map((reason) => `no scenario provokes ${reason}`),
  ];
}
