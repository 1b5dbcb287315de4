/**
 * Brokers that scenarios have to themselves, one after the other: starting one costs a second of a processor, far more than most
 * scenarios. What a scenario leaves behind is in a forest that no other one looks into; whose broker is not well is given another.
 */
import { type BrokerKind, ScenarioBroker, type Through } from './scenario-broker.ts';

export class BrokerPool {
  readonly #through: Through | undefined;
  /** By their kinds. */
  readonly #idle = new Map<string, ScenarioBroker[]>();

  constructor(through: Through | undefined) {
    this.#through = through;
  }

  /** Does something with a broker that nobody else has meanwhile. One with which that failed is not used again. */
  async with(
    kind: Omit<BrokerKind, 'through'>,
    work: (broker: ScenarioBroker) => Promise<void>,
  ): Promise<void> {
    const name = JSON.stringify([kind.diskFails === true, kind.asksWhoCalls === true]);
    const idle = this.#idle.get(name) ?? [];
    this.#idle.set(name, idle);
    const broker = idle.pop() ?? new ScenarioBroker({ ...kind, through: this.#through });
    let isGood = false;
    try {
      if (!broker.isWell) await broker.start();
      await work(broker);
      isGood = broker.isWell;
    } finally {
      if (isGood) idle.push(broker);
      else await broker.close();
    }
  }

  /** Ends those that are idle. */
  async close(): Promise<void> {
    const all = [...this.#idle.values()].flat();
    this.#idle.clear();
    await Promise.all(all.map((broker) => broker.close()));
  }
}
