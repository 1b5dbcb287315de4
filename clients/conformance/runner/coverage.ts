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

/** Reasons that no scenario provokes, each with why. One that is provoked all the same must go from here. */
const unprovoked: Readonly<Record<string, string>> = {
  JOURNAL_UNAVAILABLE: 'needs a disk that fails: test/integration and test/consistency have one',
  SCHEMA_UNUSABLE: 'needs a schema that an earlier version of the broker took and this one cannot work with',
  NOT_SERVING: 'is said in the moments of starting and stopping, which no scenario can hold on to',
};

/** What is missing, and what is listed as missing and is not. */
export function gaps(coverage: Coverage): string[] {
  const silent = [...methods.keys()].filter((rpc) => !coverage.rpcs.has(rpc));
  const unseen = reasons.filter(
    (reason) => !coverage.reasons.has(reason) && unprovoked[reason] === undefined,
  );
  const stale = Object.keys(unprovoked).filter((reason) => coverage.reasons.has(reason));
  return [
    ...silent.map((rpc) => `no scenario calls ${rpc}`),
    ...unseen.map((reason) => `no scenario provokes ${reason}`),
    ...stale.map((reason) => `${reason} is provoked: take it from the list of those that are not`),
  ];
}
