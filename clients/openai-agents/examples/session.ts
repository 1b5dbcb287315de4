/**
 * An agent of the OpenAI Agents SDK whose memory is in Hyperloom. Works offline: the model is a script. Wants a broker (`npx hyperloom serve`).
 */
import { HyperloomSession } from '@hyperloom/openai-agents';
import { Agent, run, setTracingDisabled, tool } from '@openai/agents';
import { assistantMessage, functionCall, modelResponse, ScriptedModel } from '@openai/agents/testing';
import { z } from 'zod';

setTracingDisabled(true); // Traces would go to OpenAI.

const inhabitants = tool({
  name: 'inhabitants',
  description: 'How many people live in a city.',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => (city === 'Paris' ? '2.1 million' : 'unknown'),
});
// In place of a real model: leave `model` out below, and set OPENAI_API_KEY.
const model = new ScriptedModel([
  modelResponse([functionCall('inhabitants', { city: 'Paris' }, { callId: 'call_1' })]),
  modelResponse([assistantMessage('Paris has 2.1 million inhabitants.')]),
  modelResponse([assistantMessage('You asked about Paris.')]),
]);
const agent = new Agent({ name: 'Assistant', tools: [inhabitants], model });

{
  await using session = new HyperloomSession('user 1');
  await session.clearSession();
  console.log((await run(agent, 'How many people live in Paris?', { session })).finalOutput);
}

// Another process, another day: the session knows what was said.
await using session = new HyperloomSession('user 1');
console.log((await run(agent, 'Which city did I ask about?', { session })).finalOutput);
console.log((await session.getItems()).length, 'items below', session.path);
