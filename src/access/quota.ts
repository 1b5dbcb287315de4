/** How much principals and forests may have, as a file of access says it. What nobody says is bounded by the broker's own limits only. */
import type { NameGlob } from './name-glob.ts';

/** What one principal may have. */
export interface Quota {
  /** Subscriptions that are open at a time. */
  readonly subscriptions: number;
  /** Diffs a second, on the average: after a pause ten seconds' worth may come at once. */
  readonly publishesPerSecond: number;
  /** Live ghosts in a forest. */
  readonly ghosts: number;
  /** Locks in a forest, held or waited for. */
  readonly locks: number;
}

/** What one forest may have. */
export interface ForestQuota {
  /** Nodes with a value on its trunk. */
  readonly nodes: number;
  /** Bytes on disk. */
  readonly bytes: number;
}

export const unlimited: Quota = {
  subscriptions: Infinity,
  publishesPerSecond: Infinity,
  ghosts: Infinity,
  locks: Infinity,
};

export const unlimitedForest: ForestQuota = { nodes: Infinity, bytes: Infinity };

/** What each of the principals that are named may have. */
export interface QuotaRule extends Partial<Quota> {
  readonly principals: readonly NameGlob[];
  readonly groups: readonly NameGlob[];
}

/** What each of the forests that are named may have. */
export interface ForestQuotaRule extends Partial<ForestQuota> {
  readonly forests: readonly NameGlob[];
}

/** For each figure the first rule that is about the principal and says it. */
export function quotaOf(rules: readonly QuotaRule[], name: string, groups: readonly string[]): Quota {
  const own = rules.filter(
    (rule) =>
      rule.principals.some((glob) => glob.matches(name)) ||
      groups.some((group) => rule.groups.some((glob) => glob.matches(group))),
  );
  return own.length === 0 ? unlimited : firstOf(own, unlimited);
}

/** The same for a forest. */
export function forestQuotaOf(rules: readonly ForestQuotaRule[], forest: string): ForestQuota {
  const own = rules.filter(({ forests }) => forests.some((glob) => glob.matches(forest)));
  return own.length === 0 ? unlimitedForest : firstOf(own, unlimitedForest);
}

function firstOf<Figures extends object>(rules: readonly Partial<Figures>[], most: Figures): Figures {
  return rules.reduceRight<Figures>((sum, rule) => {
    const said = Object.entries(rule).filter(([name, value]) => name in most && value !== undefined);
    return { ...sum, ...Object.fromEntries(said) };
  }, most);
}
