/** Goal: what a node or a tool does in a ghost is seen outside only when its verifier has accepted it. Method: real graphs on a real broker. */
import type { Client } from '@hyperloom/client';
import { SpeculationFailed } from '@hyperloom/client';
import type { RunnableConfig } from '@langchain/core/runnables';
import { tool } from '@langchain/core/tools';
import { Annotation, Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { HyperloomSaver, speculative, tellReasons } from '../src/index.ts';
import { Bench } from './support/broker.ts';
import { of } from './support/graphs.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});

afterAll(() => bench[Symbol.asyncDispose]());

const Trip = Annotation.Root({
  flight: Annotation<string>(),
  price: Annotation<number>(),
  asked: Annotation<string>(),
});
type State = typeof Trip.State;
type Update = typeof Trip.Update;

function graphOf(client: Client, node: (state: State, config: RunnableConfig) => Promise<Update>) {
  return new StateGraph(Trip)
    .addNode('book', node)
    .addEdge(START, 'book')
    .addEdge('book', END)
    .compile({ checkpointer: new HyperloomSaver(client) });
}

test('a node that is refused works again with the reasons, and only the last attempt is seen', async () => {
  const client = await bench.isolated();
  const seen: [number, readonly string[], unknown][] = [];
  const book = speculative(
    client,
    async (ghost, { number, reasons }, { flight }: State, config: RunnableConfig): Promise<Update> => {
      seen.push([number, reasons, await client.find('/trip/price')]);
      const price = 700 - 100 * number;
      await ghost.put('/trip/price', { price });
      return { price, asked: `${flight} for ${String(config.configurable?.['thread_id'])}` };
    },
    {
      verify: (_, { price }) => (Number(price) < 500 ? true : `${String(price)} is too much`),
      retries: 2,
      scope: '/trip',
    },
  );
  const state = await graphOf(client, book).invoke({ flight: 'LH1' }, of('t'));
  expect(state).toEqual({ flight: 'LH1', price: 400, asked: 'LH1 for t' });
  expect(seen).toEqual([
    [1, [], undefined],
    [2, ['600 is too much'], undefined],
    [3, ['600 is too much', '500 is too much'], undefined],
  ]);
  expect((await client.get('/trip/price')).value).toEqual({ price: 400 });
});

test('where no attempt passes the run ends, and is taken up again from its checkpoint', async () => {
  const client = await bench.isolated();
  const prices = [900, 800, 300];
  const book = speculative(
    client,
    async (ghost, _attempt, _state: State): Promise<Update> => {
      const price = prices.shift() ?? 0;
      await ghost.put('/trip/price', { price });
      return { price };
    },
    { verify: (_, { price }) => Number(price) < 500 || `${String(price)} is too much`, retries: 1 },
  );
  const graph = graphOf(client, book);
  const failed = await graph.invoke({ flight: 'LH1' }, of('t')).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(SpeculationFailed);
  expect((failed as SpeculationFailed).reasons).toEqual(['900 is too much', '800 is too much']);
  expect(await client.find('/trip')).toBeUndefined();
  expect((await graph.getState(of('t'))).next).toEqual(['book']);
  expect(await graph.invoke(null, of('t'))).toEqual({ flight: 'LH1', price: 300 });
  expect((await client.get('/trip/price')).value).toEqual({ price: 300 });
});

test('or the graph goes elsewhere, knowing why', async () => {
  const client = await bench.isolated();
  const book = speculative(
    client,
    async (ghost, _attempt, _state: State): Promise<Command> => {
      await ghost.put('/elsewhere', 'x');
      return new Command({ goto: END });
    },
    {
      verify: () => 'never',
      retries: 0,
      otherwise: ({ reasons }) => new Command({ goto: 'ask', update: { asked: reasons.at(-1) } }),
    },
  );
  const graph = new StateGraph(Trip)
    .addNode('book', book, { ends: ['ask', END] })
    .addNode('ask', ({ asked }) => ({ asked: `a person: ${asked}` }))
    .addEdge(START, 'book')
    .addEdge('ask', END)
    .compile();
  expect(await graph.invoke({ flight: 'LH1' })).toEqual({ flight: 'LH1', asked: 'a person: never' });
  expect(await client.find('/elsewhere')).toBeUndefined();
});

test('an interrupt leaves nothing behind, and the answer begins anew', async () => {
  const client = await bench.isolated();
  const book = speculative(client, async (ghost, _attempt, { flight }: State): Promise<Update> => {
    await ghost.append('/asked', [flight]);
    return { asked: interrupt<string, string>('sure?') };
  });
  const graph = graphOf(client, book);
  await graph.invoke({ flight: 'LH1' }, of('t'));
  expect(await client.find('/asked')).toBeUndefined();
  expect((await graph.invoke(new Command({ resume: 'yes' }), of('t'))).asked).toBe('yes');
  expect((await client.get('/asked')).value).toEqual(['LH1']);
});

test('a tool tells the model all reasons; and a run that is called off leaves nothing behind', async () => {
  const client = await bench.isolated();
  const note = tool(
    speculative(
      client,
      async (
        ghost,
        _attempt,
        { text }: { readonly text: string },
        _config: RunnableConfig,
      ): Promise<string> => {
        await ghost.put('/note', text);
        return 'noted';
      },
      {
        verify: async (ghost) => (await ghost.get('/note')).valueBytes < 10 || 'too long',
        retries: 1,
        otherwise: tellReasons,
      },
    ),
    { name: 'note', description: 'Notes a text.', schema: z.object({ text: z.string() }) },
  );
  expect(await note.invoke({ text: 'short' })).toBe('noted');
  const told = 'Nothing was changed: all 2 attempts were refused, because\n1. too long\n2. too long';
  expect(await note.invoke({ text: 'much too long' })).toBe(told);
  expect((await client.get('/note')).value).toBe('short');

  const controller = new AbortController();
  const book = speculative(
    client,
    async (ghost, _attempt, _state: State, _config: RunnableConfig): Promise<Update> => {
      await ghost.put('/note', 'called off');
      controller.abort(new Error('called off'));
      return {};
    },
  );
  const running = graphOf(client, book).invoke({ flight: 'LH1' }, { ...of('t'), signal: controller.signal });
  await expect(running).rejects.toThrow(/called off|abort/iu);
  await expect.poll(() => client.ghosts().all()).toEqual([]);
  expect((await client.get('/note')).value).toBe('short');
});
