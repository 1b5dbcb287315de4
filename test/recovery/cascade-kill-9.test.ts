/**
 * Goal: a cascade is there whole or not at all, wherever the broker is killed; one that was answered is there; and the request, repeated by its
 * id, gives one outcome. Method: a real broker is killed with `kill -9` while it works out a cascade over hundreds of publishes, when the
 * first part of the event is told, and right behind its answer; then what is there is read, and the request is sent again.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cascade } from '../../src/gen/hyperloom/v1/cascade_pb.ts';
import { HistoryOrder } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { BasisExtent } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { connectClients, putText, refusalOf } from '../support/broker.ts';
import type { TestClients } from '../support/broker.ts';

const derived = 600;
const writesEach = 6;

let folder = '';
let broker: BrokerProcess;
let clients: TestClients;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-cascade-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await restart();
});
afterAll(async () => {
  clients.cut();
  await broker.stop('SIGKILL');
  await rm(folder, { recursive: true });
});

async function restart(): Promise<void> {
  await broker.start();
  clients = connectClients(`http://${broker.address}`);
}

async function kill(): Promise<void> {
  await broker.stop('SIGKILL');
  clients.cut();
}

/** A value, a wrong one put over it, hundreds of publishes made from that, each from the one before, and a ghost. */
class Story {
  readonly forest: string;
  #wrong = 0n;
  #ghostId = '';
  #edition = 0n;

  constructor(forest: string) {
    this.forest = forest;
  }

  async tell(): Promise<void> {
    const { forest } = this;
    await clients.forests.createForest({ name: forest });
    await this.#publish([putText('/fact', 'right'), putText('/other', 'mine')], []);
    this.#wrong = await this.#publish([putText('/fact', 'wrong')], []);
    const { ghost } = await clients.context.beginGhost({ forest, ttl: { seconds: 600n } });
    this.#ghostId = ghost?.id ?? '';
    const staged = await clients.context.publish({
      forest,
      ghostId: this.#ghostId,
      operations: [putText('/draft', 'of it')],
      basis: [read('/fact', this.#wrong)],
    });
    this.#edition = staged.edition;
    for (let batch = 0; batch < derived; batch += 100) {
      const { revision } = await clients.context.get({ forest, path: '/fact' });
      const made = Array.from({ length: 100 }, (_, index) => this.#derive(batch + index, revision));
      await Promise.all(made);
    }
  }

  /** From the wrong fact, or from one that was made of it. */
  #derive(index: number, revision: bigint): Promise<bigint> {
    const from = index < 100 ? '/fact' : `/made/${index - 100}/0`;
    const operations = Array.from({ length: writesEach }, (_, each) =>
      putText(`/made/${index}/${each}`, 'x'),
    );
    return this.#publish(operations, [read(from, revision)]);
  }

  async #publish(
    operations: readonly ReturnType<typeof putText>[],
    basis: readonly ReturnType<typeof read>[],
  ): Promise<bigint> {
    const { forest } = this;
    return (await clients.context.publish({ forest, operations: [...operations], basis: [...basis] }))
      .revision;
  }

  cascade() {
    const target = { case: 'revision' as const, value: this.#wrong };
    const asked = { forest: this.forest, target, cascade: Cascade.ALL, requestId: 'taken back once' };
    return clients.context.revert({ ...asked, reason: 'made up', author: 'judge' });
  }

  /** Something that has nothing to do with it, durable. */
  async beside(): Promise<void> {
    await this.#publish([putText('/beside', 'x')], []);
  }

  /** When the first that is told of a cascade has arrived. */
  async toldOf(): Promise<void> {
    const everything = {
      forest: this.forest,
      patterns: ['/made/**'],
      start: { case: 'now' as const, value: {} },
    };
    for await (const { message } of clients.context.subscribe(everything))
      if (message.case === 'event' && message.value.revertedRevision !== 0n) return;
  }

  /** What is there now: `whole`, `nothing`, or, where it is neither, what there is. */
  async standing(): Promise<string> {
    const { forest } = this;
    const { nodes } = await clients.context.batchGet({ forest, paths: ['/fact', '/other'] });
    const texts = nodes.map(({ value }) => (value?.kind.case === 'text' ? value.kind.value : '')).join();
    let made = 0;
    let pageToken = '';
    do {
      const page = await clients.context.list({ forest, path: '/made', pageSize: 10_000, pageToken });
      made += page.nodes.filter(({ value }) => value !== undefined).length;
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    const { events } = await clients.context.history({
      forest,
      order: HistoryOrder.NEWEST_FIRST,
      pageSize: 100,
    });
    const reverts = events.filter(({ revertedRevision }) => revertedRevision !== 0n).length;
    const { ghost } = await clients.context.getGhost({ forest, ghostId: this.#ghostId });
    const found = `${texts}; ${made} made; ${reverts} reverts; ${ghost?.revertedBasis.length} marks`;
    if (found === `right,mine; 0 made; 1 reverts; 1 marks`) return 'whole';
    if (found === `wrong,mine; ${derived * writesEach} made; 0 reverts; 0 marks`) return 'nothing';
    return found;
  }

  /** The ghost that had read it does not pass. */
  refusal() {
    const { forest } = this;
    const ghostId = this.#ghostId;
    return refusalOf(clients.context.commit({ forest, ghostId, edition: this.#edition }));
  }
}

function read(path: string, revision: bigint) {
  return { path, revision, extent: BasisExtent.NODE };
}

/** Sends the request again until it is as it must be in the end. */
async function settled(story: Story): Promise<void> {
  const { revision, cascade } = await story.cascade();
  expect(cascade).toMatchObject({ undoneTotal: BigInt(derived + 1), notUndoneTotal: 0n, ghostsTotal: 1n });
  expect(await story.standing()).toBe('whole');
  expect(await story.cascade()).toMatchObject({ revision, repeated: true, cascade });
  expect(await story.refusal()).toMatchObject({ reason: 'BASIS_REVERTED' });
}

test.each([1, 8, 40])(
  'a broker killed %i publishes after a cascade was asked for has all of it or nothing',
  async (publishes) => {
    const story = new Story(`after-${publishes}`);
    await story.tell();
    const answer = story.cascade().catch((error: unknown) => error);
    for (let count = 0; count < publishes; count += 1) await story.beside();
    await kill();
    await answer;
    await restart();
    expect(['whole', 'nothing']).toContain(await story.standing());
    await settled(story);
  },
  120_000,
);

test('a broker killed when the first of a cascade is told has all of it', async () => {
  const story = new Story('told');
  await story.tell();
  const told = story.toldOf();
  const { forest } = story;
  await expect.poll(async () => (await clients.forests.getStatus({ forest })).subscriptions).toBe(1n);
  const answer = story.cascade().catch((error: unknown) => error);
  await told;
  await kill();
  await answer;
  await restart();
  expect(await story.standing()).toBe('whole');
  await settled(story);
}, 120_000);

test('a broker killed right behind the answer has all of a cascade, and gives the same answer again', async () => {
  const story = new Story('answered');
  await story.tell();
  const told = await story.cascade();
  await kill();
  await restart();
  expect(await story.standing()).toBe('whole');
  expect(await story.cascade()).toMatchObject({
    revision: told.revision,
    repeated: true,
    cascade: told.cascade,
  });
  await settled(story);
}, 120_000);
