/**
 * Goal: agents of the SDK remember what was said, over turns, restarts of the broker, and languages. Method: the SDK's own runner and its own
 * fake model, against a real broker; what Python stores is written down as Python's SDK has it.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, operation } from '@hyperloom/client';
import { Agent, run, setTracingDisabled, tool, type AgentInputItem } from '@openai/agents';
import { assistantMessage, functionCall, modelResponse, ScriptedModel } from '@openai/agents/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Broker } from '../../typescript/src/testing/broker.ts';
import { HyperloomSession } from '../src/index.ts';

setTracingDisabled(true);

/** Items in short. */
function said(items: readonly AgentInputItem[]): readonly unknown[] {
  return items.map((item) => ('role' in item ? item.role : item.type));
}

test('an agent remembers over turns, and a kill of the broker in the middle of a run', async () => {
  await using broker = await Broker.start();
  await using client = connect(broker.address, { timeoutMs: 60_000 });
  const session = new HyperloomSession('user/1', client);
  let restarted: Promise<void> | undefined;
  const crash = tool({
    name: 'crash',
    description: 'Kills the broker, which comes back while the run goes on.',
    parameters: z.object({}),
    execute: async () => {
      await broker.kill();
      restarted = broker.restart();
      return 'back soon';
    },
  });
  const model = new ScriptedModel([
    modelResponse([assistantMessage('Hello.')]),
    modelResponse([functionCall('crash', {}, { callId: 'call_1' })]),
    modelResponse([assistantMessage('Still here.')]),
    modelResponse([assistantMessage('Yes.')]),
  ]);
  const agent = new Agent({ name: 'Assistant', model, tools: [crash] });
  await run(agent, 'Hello', { session });
  expect((await run(agent, 'Crash!', { session })).finalOutput).toBe('Still here.');
  await restarted;
  expect((await run(agent, 'Are you there?', { session })).finalOutput).toBe('Yes.');
  const expected = [
    'user',
    'assistant',
    'user',
    'function_call',
    'function_call_result',
    'assistant',
    'user',
    'assistant',
  ];
  expect(said(await session.getItems())).toEqual(expected);
  expect(said(model.calls.at(-1)?.request.input as AgentInputItem[])).toEqual(expected.slice(0, -1));
});

test('a streamed run is stored too', async () => {
  await using broker = await Broker.start();
  await using session = new HyperloomSession('streamed', broker.address);
  const model = new ScriptedModel([
    modelResponse([assistantMessage('one')]),
    modelResponse([assistantMessage('two')]),
  ]);
  const agent = new Agent({ name: 'Assistant', model });
  for (const text of ['first', 'second']) {
    const streamed = await run(agent, text, { session, stream: true });
    await streamed.completed;
  }
  expect(said(await session.getItems())).toEqual(['user', 'assistant', 'user', 'assistant']);
});

test("an agent goes on with what Python's agents have said", async () => {
  await using broker = await Broker.start();
  await using client = connect(broker.address);
  const session = new HyperloomSession('python', client);
  const items = [
    { role: 'user', content: 'How is the weather in Oslo?' },
    {
      type: 'function_call',
      id: 'fc_1',
      call_id: 'call_1',
      name: 'weather',
      arguments: '{"city":"Oslo"}',
      status: 'completed',
    },
    { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'so' }],
      encrypted_content: 'zzz',
    },
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'It is sunny.', annotations: [] }],
    },
    { role: 'assistant', content: 'Anything else?' },
    { role: 'developer', content: [{ type: 'input_text', text: 'Be brief.' }] },
    { type: 'item_reference', id: 'x' },
  ];
  await client.publish([
    ...items.map((item, index) =>
      operation.put(`${session.path}/items/${String(index).padStart(10, '0')}`, { item }),
    ),
    operation.put(`${session.path}/head`, { count: items.length }),
  ]);
  expect(await session.getItems()).toEqual([
    { role: 'user', content: 'How is the weather in Oslo?' },
    {
      type: 'function_call',
      id: 'fc_1',
      callId: 'call_1',
      name: 'weather',
      arguments: '{"city":"Oslo"}',
      status: 'completed',
    },
    {
      type: 'function_call_result',
      callId: 'call_1',
      name: 'weather',
      status: 'completed',
      output: { type: 'text', text: 'sunny' },
    },
    {
      type: 'reasoning',
      id: 'rs_1',
      content: [{ type: 'input_text', text: 'so' }],
      providerData: { encrypted_content: 'zzz' },
    },
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'It is sunny.', providerData: { annotations: [] } }],
    },
    { role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Anything else?' }] },
    { role: 'system', content: 'Be brief.' },
    { type: 'unknown', id: 'x', providerData: { type: 'item_reference', id: 'x' } },
  ]);
  const agent = new Agent({
    name: 'Assistant',
    model: new ScriptedModel([modelResponse([assistantMessage('Oslo.')])]),
  });
  expect((await run(agent, 'Which city?', { session })).finalOutput).toBe('Oslo.');
  const added = await client.get(`${session.path}/items/0000000008`);
  expect(added.value).toEqual({ item: { type: 'message', role: 'user', content: 'Which city?' } });
});

test('the example tells what it promises', async () => {
  await using broker = await Broker.start();
  const example = join(import.meta.dirname, '../examples/session.ts');
  const hooks = join(import.meta.dirname, 'support/resolve.ts');
  const env = { ...process.env, HYPERLOOM_ADDRESS: broker.address };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', hooks, example], {
    env,
  });
  expect({ stdout, stderr }).toEqual({
    stdout:
      'Paris has 2.1 million inhabitants.\nYou asked about Paris.\n6 items below /user 1/openai-agents\n',
    stderr: '',
  });
});
