/** A real broker in a process of its own, and savers on it that have nothing to do with one another. */
import { connect, type Client } from '@hyperloom/client';
import { Broker } from '../../../typescript/src/testing/broker.ts';
import { HyperloomSaver, type HyperloomSaverOptions } from '../../src/index.ts';

export { Broker };

/** A broker with a client on it. */
export class Bench implements AsyncDisposable {
  readonly broker: Broker;
  readonly client: Client;
  #forests = 0;

  private constructor(broker: Broker) {
    this.broker = broker;
    this.client = connect(broker.address, { author: 'graph' });
  }

  static async start(): Promise<Bench> {
    return new Bench(await Broker.start());
  }

  /** A client of a forest of its own. */
  async isolated(): Promise<Client> {
    this.#forests += 1;
    const forest = `f${this.#forests}`;
    await this.client.forests.create(forest);
    return this.client.as({ forest });
  }

  async saver(options?: HyperloomSaverOptions): Promise<HyperloomSaver> {
    return new HyperloomSaver(await this.isolated(), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    await this.broker[Symbol.asyncDispose]();
  }
}
