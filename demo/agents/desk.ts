/**
 * An agent's desk: its client, what a subscription has told it so far, and a count of what it published and read. The agents wait
 * for one another only here: `until` resolves with the event that makes its condition true, however long that takes and however
 * often the broker goes away meanwhile.
 */
import type {
  Change,
  Client,
  Ghost,
  JsonValue,
  Node,
  Operation,
  SubscriptionItem,
} from '../../clients/typescript/src/index.ts';
import { connect, operation } from '../../clients/typescript/src/index.ts';
import { Meter, type Count } from './meter.ts';
import { paths } from './paths.ts';

/** What an agent tells the runner when it is done: one line of JSON on standard output. */
export interface Report {
  readonly name: string;
  readonly language: 'TypeScript' | 'Python';
  readonly pid: number;
  readonly published: Count;
  readonly read: Count;
  /** In a few words, for the table. */
  readonly did: string;
  readonly revert?: RevertReport | undefined;
}

/** A revert as the agent saw it. */
export interface RevertReport {
  readonly reason: string;
  readonly checkpoint: string;
  readonly droppedOperations: number;
  /** As the broker measured it. */
  readonly brokerMs: number;
  /** From the agent's call to the answer. */
  readonly agentMs: number;
  /** The trunk revision of the commit in the end. */
  readonly committedRevision: number;
}

/** What is known of the shared tree: the newest value of each path that the subscription covers. */
export type Known = ReadonlyMap<string, JsonValue>;

interface Waiter {
  look(known: Known): boolean;
  fail(error: unknown): void;
}

export class Desk {
  readonly name: string;
  readonly client: Client;
  readonly meter = new Meter();
  readonly #known = new Map<string, JsonValue>();
  readonly #waiters = new Set<Waiter>();
  readonly #leave = new AbortController();

  /** Connects to the broker of the environment's `HYPERLOOM_ADDRESS` (unless told otherwise) and watches `patterns`. */
  constructor(name: string, patterns: readonly string[], address?: string) {
    this.name = name;
    this.client = connect(address, { author: name });
    this.#follow(patterns).catch((error: unknown) => {
      if (this.#leave.signal.aborted) return;
      for (const waiter of this.#waiters) waiter.fail(error);
    });
  }

  /** Waits until something is known. `look` is asked at once and after every event; anything but `undefined` is the answer. */
  until<Answer>(look: (known: Known) => Answer | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        look(known) {
          const answer = look(known);
          if (answer !== undefined) resolve(answer);
          return answer !== undefined;
        },
        fail: reject,
      };
      if (!waiter.look(this.#known)) this.#waiters.add(waiter);
    });
  }

  /** Waits for a node and returns its value. The caller knows what is kept there. */
  value<Value extends JsonValue>(path: string): Promise<Value> {
    return this.until((known) => known.get(path) as Value | undefined);
  }

  /** Publishes one context diff, on the trunk or in a ghost, and counts it. Returns its revision. */
  async publish(label: string, operations: readonly Operation[], ghost?: Ghost): Promise<number> {
    const { revision } = await (ghost ?? this.client).publish(operations, { label });
    this.meter.countDiff(operations);
    return revision;
  }

  /** Reads all that is below a path, in a ghost or on the trunk, and counts it. */
  async readAll(path: string, ghost?: Ghost): Promise<readonly Node[]> {
    const nodes = await (ghost ?? this.client).list(path, { depth: 0 }).all();
    this.meter.countNodes(nodes);
    return nodes;
  }

  /** Tells the others that this agent has nothing to do before something happens. */
  async waitFor(what: string): Promise<void> {
    await this.publish(`waits for ${what}`, [operation.put(paths.agent(this.name), { waits_for: what })]);
  }

  /** Stops watching and closes the connection. */
  async close(): Promise<void> {
    this.#leave.abort();
    await this.client.close();
  }

  /** Closes, and hands the report to the runner. */
  async finish(did: string, revert?: RevertReport): Promise<void> {
    await this.close();
    const { published, read } = this.meter;
    const report: Report = {
      name: this.name,
      language: 'TypeScript',
      pid: process.pid,
      published,
      read,
      did,
      revert,
    };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }

  async #follow(patterns: readonly string[]): Promise<void> {
    for await (const item of this.client.subscribe(patterns, { signal: this.#leave.signal })) {
      this.#take(item);
      for (const waiter of this.#waiters) if (waiter.look(this.#known)) this.#waiters.delete(waiter);
    }
  }

  #take(item: SubscriptionItem): void {
    if (item.kind === 'snapshot') {
      this.meter.countNodes(item.nodes);
      for (const { path, value } of item.nodes)
        if (value !== undefined) this.#known.set(path, value as JsonValue);
    } else if (item.kind === 'event') {
      this.meter.countChanges(item.event.changes);
      for (const change of item.event.changes) this.#apply(change);
    }
  }

  /** Follows the two kinds of change that the agents make: values that are put, and lists that grow. */
  #apply(change: Change): void {
    const { path } = change;
    if (change.action === 'put') this.#known.set(path, change.value as JsonValue);
    else if (change.action === 'append') {
      const before = this.#known.get(path) as readonly JsonValue[] | undefined;
      this.#known.set(path, [...(before ?? []), ...(change.addition as readonly JsonValue[])]);
    }
  }
}
