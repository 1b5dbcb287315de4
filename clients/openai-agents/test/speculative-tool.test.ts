/**
 * Goal: a tool's work is seen outside only when its verifier has accepted it; the next attempt and the model know why. Method: the SDK's own runner
 * and fake model, whose tool is refused, against a real broker.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, gate, SpeculationFailed, type Client, type Ghost } from '@hyperloom/client';
import { Agent, run, setTracingDisabled, UserError, type FunctionTool } from '@openai/agents';
import { assistantMessage, functionCall, modelResponse, ScriptedModel } from '@openai/agents/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Broker } from '../../typescript/src/testing/broker.ts';
import { speculativeTool } from '../src/index.ts';

setTracingDisabled(true);

let broker: Broker;
let client: Client;
let roots = 0;

beforeAll(async () => {
  broker = await Broker.start();
  client = connect(broker.address, { author: 'tester', timeoutMs: 60_000 });
});

afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

/** A subtree of the test's own. */
function newRoot(): string {
  roots += 1;
  return `/test_${roots}`;
}

/** Accepts prices that are one. */
async function positive(ghost: Ghost, path: string): Promise<true | string> {
  return Number((await ghost.get(path)).value) > 0 || 'a price cannot be negative';
}

/** What the model is told when it calls the tool. */
async function told(tool: FunctionTool<unknown, never>, input: object): Promise<string> {
  const model = new ScriptedModel([
    modelResponse([functionCall(tool.name, input as never, { callId: 'call_1' })]),
    modelResponse([assistantMessage('done')]),
  ]);
  await run(new Agent({ name: 'Assistant', model, tools: [tool] }), 'Go');
  const { request } = model.calls[1] ?? {};
  const result = (request?.input as undefined | readonly { type?: string; output?: { text?: string } }[])?.at(
    -1,
  );
  return String(result?.output?.text);
}

/** The tool as a runner takes it. */
function any(tool: unknown): FunctionTool<unknown, never> {
  return tool as FunctionTool<unknown, never>;
}

test('refused work is done again with the reasons, from the checkpoint', async () => {
  const root = newRoot();
  const seen: unknown[] = [];
  const price = speculativeTool(client, {
    name: 'price',
    description: 'Finds the price of a flight.',
    parameters: z.object({ flight: z.string(), bags: z.number() }),
    retries: 2,
    verify: positive,
    execute: async ({ flight, bags }, { ghost, attempt }) => {
      const path = `${root}/${flight}`;
      const outside = await client.find(path);
      seen.push([attempt.number, attempt.reasons, outside, await ghost.find(path)]);
      await ghost.put(path, attempt.number < 3 ? -1 : 129 + bags);
      return path;
    },
  });
  expect(price).toMatchObject({ name: 'price', description: 'Finds the price of a flight.' });
  expect(Object.keys(price.parameters.properties)).toEqual(['flight', 'bags']);
  expect(await told(any(price), { flight: 'LH1', bags: 2 })).toBe(`${root}/LH1`);
  const why = 'a price cannot be negative';
  expect(seen).toEqual([
    [1, [], undefined, undefined],
    [2, [why], undefined, undefined],
    [3, [why, why], undefined, undefined],
  ]);
  expect((await client.get(`${root}/LH1`)).value).toBe(131);
});

test('the model is told why no attempt passed, and nothing was changed', async () => {
  const root = newRoot();
  const price = speculativeTool(client, {
    name: 'price',
    description: 'Finds a price.',
    parameters: z.object({}),
    retries: 1,
    scope: root,
    verify: positive,
    execute: async (_input, { ghost, attempt }) => {
      await ghost.put(`${root}/price`, -attempt.number);
      return `${root}/price`;
    },
  });
  const reasons = '1. a price cannot be negative\n2. a price cannot be negative';
  expect(await told(any(price), {})).toBe(
    `Nothing was changed: all 2 attempts were refused, because\n${reasons}`,
  );
  expect(await client.find(`${root}/price`)).toBeUndefined();
});

test("a program's own errorFunction gets the reasons instead", async () => {
  const price = speculativeTool(client, {
    name: 'price',
    description: 'Finds a price.',
    parameters: z.object({}),
    retries: 0,
    verify: async () => 'never',
    execute: async () => 'x',
    errorFunction: (_context, error) =>
      error instanceof SpeculationFailed ? `no: ${error.reasons.join()}` : '?',
  });
  expect(await told(any(price), {})).toBe('no: never');
});

test('what the work throws reverts it, and is told as the SDK does', async () => {
  const root = newRoot();
  const fail = speculativeTool(client, {
    name: 'fail',
    description: 'Fails.',
    parameters: z.object({}),
    execute: async (_input, { ghost }) => {
      await ghost.put(`${root}/half`, 1);
      throw new Error('secret');
    },
  });
  const text = await told(any(fail), {});
  expect(text).toContain('An error occurred while running the tool');
  expect(text).not.toContain('secret');
  expect(await client.find(`${root}/half`)).toBeUndefined();
  expect(await client.ghosts().all()).toEqual([]);
});

test('calls at once work in ghosts of their own, and with the context of the run', async () => {
  const root = newRoot();
  const note = speculativeTool<z.ZodObject<{ text: z.ZodString }>, string, { user: string }>(client, {
    name: 'note',
    description: 'Notes something.',
    parameters: z.object({ text: z.string() }),
    execute: async ({ text }, { ghost, context }) => {
      await ghost.append(`${root}/notes`, [`${context?.context.user}: ${text}`]);
      return text;
    },
  });
  const calls = ['a', 'b', 'c'].map((text) => functionCall('note', { text }, { callId: text }));
  const model = new ScriptedModel([modelResponse(calls), modelResponse([assistantMessage('done')])]);
  const agent = new Agent<{ user: string }>({ name: 'Assistant', model, tools: [note] });
  await run(agent, 'Go', { context: { user: 'me' } });
  const notes = (await client.get(`${root}/notes`)).value as readonly string[];
  expect(notes.toSorted()).toEqual(['me: a', 'me: b', 'me: c']);
});

test('a reviewer in another process is a verifier too', async () => {
  const root = newRoot();
  const draft = speculativeTool(client, {
    name: 'draft',
    description: 'Writes a draft.',
    parameters: z.object({}),
    gates: [gate.review('editor')],
    execute: async (_input, { ghost, attempt }) => {
      await ghost.put(`${root}/draft`, attempt.reasons.includes('too long') ? 'short' : 'rather long');
      return 'written';
    },
  });
  const editing = (async () => {
    const reviews = client.as({ author: 'editor' }).review('editor');
    for await (const review of reviews.requested()) {
      const { value } = await (await client.attach(review.ghost.id)).get(`${root}/draft`);
      if (value === 'short') return reviews.approve(review, 'good');
      await reviews.reject(review, 'too long');
    }
  })();
  expect(await told(any(draft), {})).toBe('written');
  await editing;
  expect((await client.get(`${root}/draft`)).value).toBe('short');
});

test('a kill of the broker in the middle of a call does no harm', async () => {
  const root = newRoot();
  let restarted: Promise<void> | undefined;
  const count = speculativeTool(client, {
    name: 'count',
    description: 'Counts.',
    parameters: z.object({}),
    verify: async (ghost) => (await ghost.get(`${root}/count`)).value === 2 || 'not two',
    execute: async (_input, { ghost }) => {
      await ghost.increment(`${root}/count`);
      if (restarted === undefined) {
        await broker.kill();
        restarted = broker.restart();
      }
      await ghost.increment(`${root}/count`);
      return 'counted';
    },
  });
  expect(await told(any(count), {})).toBe('counted');
  await restarted;
  expect((await client.get(`${root}/count`)).value).toBe(2);
});

test('what cannot be such a tool is refused', () => {
  const options = {
    name: 'bad',
    description: 'Bad.',
    parameters: z.object({}),
    execute: async () => 'x',
  };
  const cases: readonly (readonly [unknown, unknown, string])[] = [
    ['127.0.0.1:7400', options, 'takes a client of connect'],
    [client, { ...options, execute: undefined }, 'needs execute'],
    [client, { ...options, verify: 'yes' }, 'verify must be a function'],
  ];
  for (const [given, bad, why] of cases) {
    const make = (): unknown => speculativeTool(given as Client, bad as typeof options);
    expect(make).toThrow(UserError);
    expect(make).toThrow(why);
  }
});

test('the example tells what it promises', async () => {
  const example = join(import.meta.dirname, '../examples/speculation.ts');
  const hooks = join(import.meta.dirname, 'support/resolve.ts');
  const env = { ...process.env, HYPERLOOM_ADDRESS: broker.address };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', hooks, example], {
    env,
  });
  expect({ stdout, stderr }).toEqual({
    stdout:
      'attempt 1: LH 1 for 820\nattempt 2: KL 2 for 410, since it costs more than 500\n' +
      'You fly with KL 2.\nbooked: {"flight":"KL 2","price":410}\n',
    stderr: '',
  });
});
