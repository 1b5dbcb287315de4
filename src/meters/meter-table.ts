/** The meters of one forest, by agent and tree, within bounds: what is beyond them is folded into meters of many. */
import { meterAgentsMax, meterRowsPerForestMax, meterTreesMax } from '../base/limits.ts';
import { Volume } from './volume.ts';

/** What has been published in a tree. */
export interface TreeTotal {
  readonly published: Volume;
}

/** A meter at work. */
export class MeterRow {
  readonly agent: string;
  readonly tree: string;
  /** `null` where it stands for many agents or trees: then it is not known what their histories have in common. */
  readonly total: TreeTotal | null;
  publishes = 0;
  readonly published = new Volume();
  readonly read = new Volume();
  readonly rendered = new Volume();
  readonly history = new Volume();
  /** Of the tokens of {@link rendered}: those that a provider had seen before. */
  renderedCachedTokens = 0;
  /** Of the tokens of {@link history}: the same. */
  historyCachedTokens = 0;
  /** What the agent would have been handed at its last publish. */
  lastHistoryTokens = 0;

  /** It is one of those that are told by name in /metrics. */
  readonly hasSeries: boolean;

  constructor(agent: string, tree: string, total: TreeTotal | null, hasSeries: boolean) {
    this.agent = agent;
    this.tree = tree;
    this.total = total;
    this.hasSeries = hasSeries;
  }
}

/** How many meters all forests of a broker may have together. */
export interface RowBudget {
  rowsLeft: number;
  /** How many more may have series of their own. */
  seriesLeft: number;
}

/** Stands for agents that gave no name and for all that there is no room for. */
const nobody = '';
const noTree = '';

export class MeterTable {
  readonly #budget: RowBudget;
  readonly #agents = new Map<string, Map<string, MeterRow>>();
  readonly #trees = new Map<string, TreeTotal>();
  readonly #rows: MeterRow[] = [];
  /** Agents that there was no room for are among those that gave no name. */
  #foldsAgents = false;
  #isFull = false;
  /** The meter that was asked for last: most are asked for several times in a row. */
  #lastAgent = nobody;
  #lastTree = noTree;
  #last: MeterRow | null = null;

  constructor(budget: RowBudget) {
    this.#budget = budget;
  }

  /** In the order in which they came to be. */
  get rows(): readonly MeterRow[] {
    return this.#rows;
  }

  /** The meter of an agent in a tree. The same ones always get the same meter. */
  row(agent: string, tree: string): MeterRow {
    if (this.#last !== null && agent === this.#lastAgent && tree === this.#lastTree) return this.#last;
    const row = this.#agents.get(agent)?.get(tree) ?? this.#folded(agent, tree);
    this.#lastAgent = agent;
    this.#lastTree = tree;
    this.#last = row;
    return row;
  }

  /** What has been published in a tree; `null` where there are too many. */
  total(tree: string): TreeTotal | null {
    const known = this.#trees.get(tree);
    if (known !== undefined || tree === noTree || this.#trees.size >= meterTreesMax) return known ?? null;
    const total = { published: new Volume() };
    this.#trees.set(tree, total);
    return total;
  }

  /** Whether the meter of a tree's unnamed agents stands for others too. */
  isWhole({ agent, total }: MeterRow): boolean {
    return total !== null && (agent !== nobody || !this.#foldsAgents);
  }

  /** Gives back what it takes of the budget. */
  close(): void {
    this.#budget.rowsLeft += this.#rows.length;
    this.#budget.seriesLeft += this.#rows.filter(({ hasSeries }) => hasSeries).length;
    this.#rows.length = 0;
    this.#agents.clear();
    this.#last = null;
  }

  #folded(agent: string, tree: string): MeterRow {
    const total = this.total(tree);
    const isAgentKnown = agent === nobody || this.#agents.has(agent) || this.#agents.size < meterAgentsMax;
    if (!isAgentKnown) this.#foldsAgents = true;
    const name = isAgentKnown ? agent : nobody;
    const place = total === null ? noTree : tree;
    const known = this.#agents.get(name)?.get(place);
    if (known !== undefined) return known;
    if (this.#hasRoom(place)) return this.#add(name, place, total);
    if (place !== noTree) return this.row(name, noTree);
    // The last resort is always there: one meter a forest, whatever the others take.
    const rest = this.#agents.get(nobody)?.get(noTree);
    if (rest !== undefined) return rest;
    if (name !== nobody) this.#foldsAgents = true;
    return this.#add(nobody, noTree, null);
  }

  /** An agent may have a meter of all its other trees beyond the forest's maximum. What was full once stays so. */
  #hasRoom(place: string): boolean {
    const rowsMax = meterRowsPerForestMax + (place === noTree ? meterAgentsMax : 0);
    if (this.#budget.rowsLeft <= 0) this.#isFull = true;
    return !this.#isFull && this.#rows.length < rowsMax;
  }

  #add(agent: string, tree: string, total: TreeTotal | null): MeterRow {
    let trees = this.#agents.get(agent);
    if (trees === undefined) this.#agents.set(agent, (trees = new Map()));
    const hasSeries = this.#budget.seriesLeft > 0;
    if (hasSeries) this.#budget.seriesLeft -= 1;
    const row = new MeterRow(agent, tree, total, hasSeries);
    trees.set(tree, row);
    this.#rows.push(row);
    this.#budget.rowsLeft -= 1;
    return row;
  }
}
